public import Audio
public import Files

/// Why a clip, or a part of it, could not be made.
///
/// Every description says what failed and where, why, and what to do next. None holds a key.
public enum AvatarError: Error, Equatable, Sendable {
    // MARK: Voices

    /// Text that no voice can speak.
    case text(reason: String)
    /// A setting outside its range.
    case setting(name: String, value: Double, range: ClosedRange<Double>)
    /// A voice that nobody offers.
    case unknownVoice(String, reason: String)
    /// A kind of voices that cannot be used here now, and the command that changes that.
    case voicesMissing(provider: String, reason: String, remedy: String)
    /// The program that speaks for espeak-ng ended badly, or said what nobody understands.
    case speechHelper(path: String, reason: String, remedy: String)
    /// A speech service refused, failed, or cannot be reached.
    case speechService(name: String, reason: String, remedy: String)
    /// A speech service, or another program, wants to be asked again later.
    case rateLimited(name: String, retryAfterSeconds: Double?, reason: String)
    /// Something took longer than it may.
    case timeout(what: String, seconds: Double)
    /// A recording that cannot be read.
    case recording(AudioError)

    // MARK: SadTalker

    /// What SadTalker needs on the machine that runs it.
    public enum SadTalkerPart: String, Sendable {
        case checkout, python
    }

    /// A setting of SadTalker that cannot be used.
    case sadTalkerConfiguration(key: String, reason: String)
    /// The machine with SadTalker cannot be reached, or cannot do what it is told.
    case sadTalkerHost(host: String, reason: String, remedy: String)
    /// The machine lacks the folder or the program that the settings name.
    case sadTalkerMissing(host: String, what: SadTalkerPart, path: String)
    /// SadTalker ended badly, or gave no video; the last lines that it said.
    case sadTalker(host: String, reason: String, remedy: String, lastLines: [String])
    /// A picture that SadTalker cannot take.
    case sadTalkerPortrait(path: String, reason: String)
    /// A file of a clip that cannot be read, written or moved.
    case sadTalkerFile(FilesError)

    // MARK: Pictures and clips

    /// The sound cannot be read or converted.
    case audio(AudioError)
    /// A file cannot be read or written.
    case file(FilesError)
    /// A clip was made, but cannot be copied to where it is wanted; where it lies.
    case notCopied(FilesError, kept: String)
    /// There is no avatar of that name; the ones there are.
    case avatarUnknown(id: String, known: [String])
    /// An avatar's file that cannot be used; where in it, such as `hair.front[1].points`.
    case avatarInvalid(path: String, field: String, reason: String)
    /// A picture that cannot be read or drawn.
    case picture(path: String, reason: String)
    /// Nothing to show, or a size that is not made.
    case clipRefused(reason: String)
    /// A server that nobody should start so.
    case serverRefused(reason: String)
    /// An engine that there is not, or that cannot be used here now.
    case engineUnavailable(name: String, reason: String)
    /// The program that encodes video is not installed.
    case encoderMissing(program: String)
    /// It failed; the last lines of what it said.
    case encoderFailed(program: String, status: String, lastLines: [String])
}

extension AvatarError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    public var description: String {
        switch self {
        case .text(let reason): return "text: \(reason)"
        case .setting(let name, let value, let range):
            return "\(name): \(value) is outside \(range.lowerBound) to \(range.upperBound)"
        case .unknownVoice(let identifier, let reason):
            let name = VisibleText.quoted(identifier)
            return "voice \(name): \(reason); `voxsite speak --list-voices` names all"
        case .voicesMissing(let provider, let reason, let remedy):
            return "\(provider): no voices: \(reason); run: \(remedy)"
        case .speechHelper(let path, let reason, let remedy):
            return "\(VisibleText.line(path)): \(reason); \(remedy)"
        case .speechService(let name, let reason, let remedy): return "\(name): \(reason); \(remedy)"
        case .rateLimited(let name, let seconds, let reason):
            let wait = seconds.map { "in \(VisibleText.number($0.rounded(.up))) s" } ?? "in a minute"
            return "\(name): \(reason); try again \(wait)"
        case .timeout(let what, let seconds):
            let limit = VisibleText.number(seconds)
            return "\(what): no end after \(limit) s; try a shorter text, or a longer time-out"
        case .recording(let error): return error.description
        case .sadTalkerConfiguration(let key, let reason):
            return "SadTalker's settings: \(key.isEmpty ? "" : "\(key): ")\(reason)"
        case .sadTalkerHost(let host, let reason, let remedy):
            return "SadTalker on \(host): \(reason); \(remedy)"
        case .sadTalkerMissing(let host, .checkout, let path):
            return "SadTalker on \(host): there is no folder \(VisibleText.line(path)); run: "
                + "git clone https://github.com/OpenTalker/SadTalker there, or correct VOXSITE_SADTALKER_CHECKOUT"
        case .sadTalkerMissing(let host, .python, let path):
            return "SadTalker on \(host): there is no program \(VisibleText.line(path)); "
                + "set VOXSITE_SADTALKER_PYTHON to the Python that has SadTalker's packages"
        case .sadTalker(let host, let reason, let remedy, let lines):
            return "SadTalker on \(host): \(reason); \(remedy)"
                + (lines.isEmpty ? "" : "; it said last: " + lines.joined(separator: " | "))
        case .sadTalkerPortrait(let path, let reason):
            return "portrait \(VisibleText.line(path)): \(reason)"
        case .sadTalkerFile(let error): return error.description
        case .audio(let error): return error.description
        case .file(let error): return error.description
        case .notCopied(let error, let kept):
            return "\(error); the clip itself is kept: \(VisibleText.line(kept))"
        case .avatarUnknown(let id, let known):
            let name = VisibleText.quoted(id)
            return "no avatar is called \(name); there are: \(known.joined(separator: ", "))"
        case .avatarInvalid(let path, let field, let reason):
            let place = field.isEmpty ? "" : " \(field):"
            return
                "\(VisibleText.line(path, limit: 4_096)):\(place) \(reason); put the file right or remove it"
        case .picture(let path, let reason):
            // Some reasons say themselves what to do.
            let advice = reason.contains("; ") ? "" : "; give a PNG or JPEG that other programs open"
            let file = VisibleText.line(path, limit: 4_096)
            return "\(file): not a usable picture: \(reason)\(advice)"
        case .clipRefused(let reason): return "no clip is made: \(reason)"
        case .serverRefused(let reason): return "the server does not start: \(reason)"
        case .engineUnavailable(let name, let reason):
            return "engine \(VisibleText.line(name, limit: 40)): \(reason)"
        case .encoderMissing(let program):
            return "\(program): not installed, so no video can be made; run: apt install ffmpeg"
        case .encoderFailed(let program, let status, let lines):
            let failure = "\(program) \(status) while the video was encoded"
            if let (cause, advice) = Self.encoderCause(lines) { return "\(failure): \(cause); \(advice)" }
            let said = lines.isEmpty ? "it said nothing" : "it said last: " + lines.joined(separator: " | ")
            let advice =
                status.contains("signal 9")
                ? "somebody or a lack of memory killed it; free some memory, or make smaller pictures"
                : "try again, and see that `ffmpeg -version` works"
            return "\(failure); \(advice); \(said)"
        }
    }

    /// The line with the cause, among all that an encoder says on its way down, and what helps against it.
    private static func encoderCause(_ lines: [String]) -> (cause: String, advice: String)? {
        let known = [
            ("No space left", "free some space on that disk"),
            ("Disk quota exceeded", "remove some files of this user on that disk"),
            ("Unknown encoder", "install one that has all encoders: apt install ffmpeg"),
            ("Encoder not found", "install one that has all encoders: apt install ffmpeg"),
        ]
        for (mark, advice) in known {
            if let cause = lines.first(where: { $0.contains(mark) }) { return (cause, advice) }
        }
        return nil
    }
}
