import CCurl

/// One question to the other side: what to fetch and how much of it.
struct CurlRequest: Sendable {
    /// With its path percent-encoded and without a user.
    var url: String
    /// The file or folder in messages.
    var what: String
    /// Ask for the head alone: a size and a time.
    var isStatusOnly = false
    /// Ask when the file last changed; over SFTP that is a round trip of its own.
    var wantsTime = false
    /// The bytes wanted; nil for all.
    var range: Range<Int>?
    /// How many bytes of the body are handed on at most; the transfer is ended when more come.
    var limit = Int.max
    /// Bytes a second at most; nil for as fast as it goes.
    var bytesPerSecond: Int?
}

/// What to do with a body, decided once, when its first bytes come.
enum CurlBodyVerdict: Sendable {
    /// Hand it on.
    case take
    /// Let it pass by, so that the connection can be used again; a long one is cut off.
    case discard
    /// End the transfer.
    case stop
}

/// What is known before the first byte of a body.
struct CurlResponseHead: Sendable {
    /// Length of what is going to come; nil where nobody said.
    var expectedLength: Int?
    /// The status code of an HTTP response; 0 otherwise.
    var status = 0
    /// The fields of an HTTP response in order, their names in lower case.
    var fields: [(name: String, value: String)] = []

    /// The value of a field; nil where it is missing.
    func field(_ name: String) -> String? { fields.last { $0.name == name }?.value }
}

/// How a transfer ended: its result code and what libcurl knows about it.
struct CurlOutcome: Sendable {
    var code: CURLcode
    var head: CurlResponseHead
    /// How many bytes of the body were handed on.
    var received: Int
    /// Whether the transfer was ended on purpose: by ``CurlBodyVerdict/stop`` or at the limit.
    var isStopped: Bool
    /// Whether a connection stood and the user was let in.
    var isConnected: Bool
    /// libcurl's words for a failure.
    var text: String
    /// When the file last changed, in seconds since 1970.
    var modifiedSeconds: Int?
}
