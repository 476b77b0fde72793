public import Audio

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
        }
    }
}
