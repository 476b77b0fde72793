public import Audio
public import Files

/// Why a talking-head clip could not be made.
///
/// Every description says what failed and where, why, and what to do next. None holds a key.
public enum AvatarError: Error, Equatable, Sendable {
    // MARK: Pictures and clips

    /// The sound cannot be read or converted.
    case audio(AudioError)
    /// A file cannot be read or written.
    case file(FilesError)
    /// There is no avatar of that name; the ones there are.
    case avatarUnknown(id: String, known: [String])
    /// An avatar's file that cannot be used; where in it, such as `hair.front[1].points`.
    case avatarInvalid(path: String, field: String, reason: String)
    /// A picture that cannot be read or drawn.
    case picture(path: String, reason: String)
    /// Nothing to show, or a size that is not made.
    case clipRefused(reason: String)
    /// The program that encodes video is not installed.
    case encoderMissing(program: String)
    /// It failed; the last lines of what it said.
    case encoderFailed(program: String, status: String, lastLines: String)
}

extension AvatarError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    public var description: String {
        switch self {
        case .audio(let error): return error.description
        case .file(let error): return error.description
        case .avatarUnknown(let id, let known):
            return "no avatar is called \(Self.shown(id)); there are: \(known.joined(separator: ", "))"
        case .avatarInvalid(let path, let field, let reason):
            let place = field.isEmpty ? "" : " \(field):"
            return "\(path):\(place) \(reason); put the file right or remove it"
        case .picture(let path, let reason): return "\(path): not a usable picture: \(reason)"
        case .clipRefused(let reason): return "no clip is made: \(reason)"
        case .encoderMissing(let program):
            return "\(program): not installed, so no video can be made; run: apt install ffmpeg"
        case .encoderFailed(let program, let status, let lastLines):
            let said = lastLines.isEmpty ? "it said nothing" : "it said:\n\(lastLines)"
            return "\(program) \(status) while the video was encoded; \(said)"
        }
    }

    /// A name from outside as a short line of visible text.
    private static func shown(_ text: String) -> String {
        let visible = text.unicodeScalars.prefix(80).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : String(scalar)
        }
        return "\"\(visible.joined())\""
    }
}
