public import Audio
public import Files

/// Why a clip, or a part of it, could not be made.
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
}

extension AvatarError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    public var description: String {
        switch self {
        case .text(let reason): "text: \(reason)"
        case .setting(let name, let value, let range):
            "\(name): \(value) is outside \(range.lowerBound) to \(range.upperBound)"
        case .unknownVoice(let identifier, let reason):
            "voice \(VisibleText.quoted(identifier)): \(reason); `voxsite speak --list-voices` names all"
        case .voicesMissing(let provider, let reason, let remedy):
            "\(provider): no voices: \(reason); run: \(remedy)"
        case .speechHelper(let path, let reason, let remedy):
            "\(VisibleText.line(path)): \(reason); \(remedy)"
        case .speechService(let name, let reason, let remedy): "\(name): \(reason); \(remedy)"
        case .rateLimited(let name, let seconds, let reason):
            if let seconds {
                "\(name): \(reason); try again in \(Int(seconds.rounded(.up))) s"
            } else {
                "\(name): \(reason); try again in a minute"
            }
        case .timeout(let what, let seconds):
            "\(what): no end after \(VisibleText.number(seconds)) s; try a shorter text, or a longer time-out"
        case .recording(let error): error.description
        case .sadTalkerConfiguration(let key, let reason):
            "SadTalker's settings: \(key.isEmpty ? "" : "\(key): ")\(reason)"
        case .sadTalkerHost(let host, let reason, let remedy): "SadTalker on \(host): \(reason); \(remedy)"
        case .sadTalkerMissing(let host, .checkout, let path):
            "SadTalker on \(host): there is no folder \(VisibleText.line(path)); run: "
                + "git clone https://github.com/OpenTalker/SadTalker there, or correct VOXSITE_SADTALKER_CHECKOUT"
        case .sadTalkerMissing(let host, .python, let path):
            "SadTalker on \(host): there is no program \(VisibleText.line(path)); "
                + "set VOXSITE_SADTALKER_PYTHON to the Python that has SadTalker's packages"
        case .sadTalker(let host, let reason, let remedy, let lines):
            "SadTalker on \(host): \(reason); \(remedy)"
                + (lines.isEmpty ? "" : "; it said last: " + lines.joined(separator: " | "))
        case .sadTalkerPortrait(let path, let reason): "portrait \(VisibleText.line(path)): \(reason)"
        case .sadTalkerFile(let error): error.description
        }
    }
}
