import RunRecords

/// What the avatar API answers.
public enum APIAnswer: Sendable {
    /// A whole answer: its status, further fields of the header, and its body.
    case whole(status: Int, fields: [(name: String, value: String)], type: String, body: [UInt8])
    /// Server-Sent Events, each with its empty line, until the stream ends.
    case events(any AsyncSequence<String, Never> & Sendable)
    /// A file below a folder; the server cares for ranges and conditions.
    case file(root: String, path: String)

    /// A JSON object.
    static func json(
        _ status: Int,
        _ fields: [LogField],
        header: [(name: String, value: String)] = []
    ) -> APIAnswer {
        .whole(
            status: status,
            fields: header,
            type: "application/json; charset=utf-8",
            body: LogValue.object(fields).json + [0x0A]
        )
    }
}

/// Why a request is not carried out: `{"error": …}` with a status.
struct APIRefusal: Error, Equatable {
    let status: Int
    let reason: String
    var retryAfterSeconds: Int?
    var allow: String?

    init(_ status: Int, _ reason: String, retryAfterSeconds: Int? = nil, allow: String? = nil) {
        self.status = status
        self.reason = reason
        self.retryAfterSeconds = retryAfterSeconds
        self.allow = allow
    }

    /// What a failure becomes.
    init(_ error: any Error) {
        switch error {
        case let refusal as APIRefusal: self = refusal
        case APIRequest.BodyFailure.tooLong:
            self.init(413, "the body is longer than this call reads; docs/speaking.md has the limits")
        case APIRequest.BodyFailure.tooSlow:
            self.init(408, "the body did not come in time; send it within 10 s")
        case APIRequest.BodyFailure.brokenOff: self.init(400, "the body broke off; send it again")
        case let error as AvatarError:
            var seconds: Int?
            if case .rateLimited(_, let wait, _) = error {
                seconds = Int((wait ?? 60).clamped(to: 1...86_400).rounded(.up))
            }
            self.init(Self.status(of: error), error.description, retryAfterSeconds: seconds)
        default: self.init(500, "\(error)")
        }
    }

    /// What is wrong with the request is the client's; what is missing or fails here is not.
    private static func status(of error: AvatarError) -> Int {
        switch error {
        case .text, .setting, .unknownVoice, .avatarUnknown, .clipRefused: 400
        // As it lies there it cannot be used; the same request can succeed once it is put right.
        case .picture, .avatarInvalid: 409
        case .voicesMissing, .rateLimited, .engineUnavailable: 503
        case .speechService: 502
        case .timeout: 504
        default: 500
        }
    }

    var answer: APIAnswer {
        var header: [(name: String, value: String)] = []
        if let retryAfterSeconds { header.append(("Retry-After", "\(retryAfterSeconds)")) }
        if let allow { header.append(("Allow", allow)) }
        if status == 401 { header.append(("WWW-Authenticate", "Bearer realm=\"voxsite\"")) }
        return .json(status, [LogField("error", .string(reason))], header: header)
    }
}
