/// Why a site could not be built, published or served.
///
/// Every description says what failed and where, why, and what to do next.
public enum SiteGenError: Error, Equatable, Sendable {
    /// A template is missing, malformed, or names something its page does not offer.
    case template(file: String, line: Int, reason: String)
    /// A folder or file the site is made from cannot be used.
    case input(path: String, reason: String)
    /// The site's folder cannot be written.
    case output(path: String, reason: String)
    /// The server cannot start or go on.
    case server(reason: String)
}

extension SiteGenError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    public var description: String {
        switch self {
        case .template(let file, let line, let reason): "\(file):\(line): \(reason)"
        case .input(let path, let reason): "\(path): \(reason)"
        case .output(let path, let reason): "\(path): \(reason)"
        case .server(let reason): reason
        }
    }
}
