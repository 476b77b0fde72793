/// Everything that can go wrong in making the demonstration's speech.
public enum DemonstrationError: Error, Equatable, Sendable {
    /// The program that speaks is not installed.
    case speakerMissing(program: String)
    /// It is, and could not speak.
    case speakerFailed(program: String, text: String, reason: String)
    /// A folder is not the demonstration's to write to: it has files of others, or another one runs in it.
    case folder(path: String, reason: String)
    /// A file could not be written.
    case file(path: String, reason: String)
}

extension DemonstrationError: CustomStringConvertible {
    /// What failed, where, and what to do next.
    public var description: String {
        switch self {
        case .speakerMissing(let program):
            "\(program) is not installed, and the demonstration learns from what it says; on Debian: "
                + "apt-get install \(program)"
        case .speakerFailed(let program, let text, let reason):
            "\(program) could not say “\(text)”: \(reason); try: \(program) \"\(text)\""
        case .folder(let path, let reason), .file(let path, let reason): "\(path): \(reason)"
        }
    }
}
