/// One question to a web service.
struct WebRequest: Sendable {
    /// With its path percent-encoded; without a user.
    var url: String
    /// Sent with POST; nil asks with GET.
    var body: [UInt8]?
    /// In order; names and values without line breaks.
    var headers: [(name: String, value: String)] = []
    /// The longest answer that is taken, in bytes.
    var answerLimit = 16 << 20
    /// How long it may take to reach the service.
    var connectSeconds = 10.0
    /// How long all of it may take.
    var timeoutSeconds = 60.0
}

/// What a web service answered.
struct WebAnswer: Sendable {
    var status: Int
    var body: [UInt8]
    /// Names in lower case.
    var headers: [String: String] = [:]
}

/// Why there is no answer.
enum WebFailure: Error, Equatable {
    /// The time was up: before or after the service was reached.
    case timeout(isConnected: Bool)
    /// There was no way to the service, or it broke off.
    case unreachable(reason: String)
    /// The service cannot prove who it is.
    case untrusted(reason: String)
    /// The answer is longer than allowed.
    case tooLong(limit: Int)
    /// libcurl does not do what it is asked for.
    case unsupported(reason: String)
}
