import Foundation

/// Turns what the service answers, or that it does not, into errors that say what to do.
///
/// Source: https://help.elevenlabs.io/hc/en-us/articles/19572237925521 for the states in a refusal.
struct ElevenLabsRefusal {
    let configuration: ElevenLabsConfiguration
    let key: Secret

    private static let name = ElevenLabsProvider.title
    private static let otherVoice = "take another voice, for example espeak:en-us"

    /// The error for an answer; nil where it is a good one.
    ///
    /// - Parameters:
    ///   - answer: what came.
    ///   - voice: whose voice was asked for; nil for the list.
    /// - Returns: what went wrong, and what to do.
    func error(for answer: WebAnswer, voice: String?) -> AvatarError? {
        guard !(200..<300).contains(answer.status) else { return nil }
        let refusal = try? ElevenLabsMessages.decoder.decode(
            ElevenLabsMessages.Refusal.self,
            from: Data(answer.body.prefix(64 << 10))
        )
        let state = refusal?.status ?? ""
        let words = refusal?.message.map { ": \(VisibleText.line(key.removed(from: $0)))" } ?? ""
        if let voice, state == "voice_not_found" || (answer.status == 404 && refusal != nil) {
            return .unknownVoice(
                "\(ElevenLabsProvider.prefix):\(voice)",
                reason: "the account has none of that name"
            )
        }
        switch answer.status {
        case _ where state == "quota_exceeded":
            return service("its credits are used up\(words)", "buy credits, or \(Self.otherVoice)")
        case 401:
            return service(
                "the key is refused\(words)",
                "set the right one: export \(ElevenLabsConfiguration.keyVariable)=…"
            )
        case 402:
            return service("it wants to be paid\(words)", "see the account's plan, or \(Self.otherVoice)")
        case 403: return service("the key may not do this\(words)", "give it the right to text to speech")
        case 408, 504:
            return .timeout(what: "\(Self.name): its own server", seconds: configuration.timeoutSeconds)
        case 400, 413, 422: return service("the request is refused\(words)", "change text, voice or settings")
        case 429:
            let reason =
                state == "too_many_concurrent_requests" ? "too many requests at once" : "too many requests"
            return .rateLimited(
                name: Self.name,
                retryAfterSeconds: Self.seconds(answer.headers["retry-after"], now: Date()),
                reason: reason + words
            )
        case 503 where answer.headers["retry-after"] != nil:
            return .rateLimited(
                name: Self.name,
                retryAfterSeconds: Self.seconds(answer.headers["retry-after"], now: Date()),
                reason: "it is overloaded" + words
            )
        case 500...: return service("it failed (status \(answer.status))\(words)", "try again in a minute")
        default:
            return service("it answers with status \(answer.status)\(words)", "check the address of its API")
        }
    }

    /// The error for an answer that did not come.
    func error(for failure: WebFailure) -> AvatarError {
        switch failure {
        case .timeout(isConnected: true): .timeout(what: Self.name, seconds: configuration.timeoutSeconds)
        case .timeout(isConnected: false):
            service(
                "no connection after \(VisibleText.number(configuration.connectSeconds)) s",
                "check the network, or \(Self.otherVoice)"
            )
        case .unreachable(let reason):
            service("it cannot be reached: \(reason)", "check the network, or \(Self.otherVoice)")
        case .untrusted(let reason):
            service("its certificate is not trusted: \(reason)", "run: apt install ca-certificates")
        case .tooLong(let limit): service("its answer is longer than \(limit) bytes", "give it less text")
        case .unsupported(let reason): service(reason, "run: apt install libcurl4")
        }
    }

    /// The error for an answer that makes no sense.
    func nonsense(_ reason: String) -> AvatarError {
        service("its answer cannot be understood: \(reason)", "try again, or \(Self.otherVoice)")
    }

    private func service(_ reason: String, _ remedy: String) -> AvatarError {
        .speechService(name: Self.name, reason: reason, remedy: remedy)
    }

    /// Seconds to wait: a number of them, or a date.
    ///
    /// Source: RFC 9110, sections 10.2.3 and 5.6.7.
    static func seconds(_ field: String?, now: Date) -> Double? {
        guard let field else { return nil }
        if let seconds = Double(field), seconds.isFinite { return min(max(seconds, 0), 86_400) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: field).map { min(max($0.timeIntervalSince(now), 0), 86_400) }
    }
}
