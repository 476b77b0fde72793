import Files

/// What one event stream has yet to send.
///
/// Not a queue: news is merged as it comes, so that a client that reads slowly costs no more than one that
/// reads fast, and gets the sum of what it missed.
struct EventMailbox: Sendable {
    /// More changed paths than this are told as "all".
    static let maximumPaths = 200

    private enum BuildNews: Sendable, Equatable { case failed(String), recovered }

    private var paths: Set<RelativePath> = []
    private var isAll = false
    private var buildNews: BuildNews?
    private var isPinged = false

    mutating func changed(_ news: some Sequence<RelativePath>) {
        guard !isAll else { return }
        paths.formUnion(news)
        if paths.count > Self.maximumPaths { changedAll() }
    }

    mutating func changedAll() {
        isAll = true
        paths = []
    }

    mutating func failed(_ message: String) { buildNews = .failed(message) }
    mutating func recovered() { buildNews = .recovered }
    mutating func ping() { isPinged = true }

    /// Everything pending as Server-Sent Events, nil where there is nothing; empties the mailbox.
    ///
    /// Source: HTML Living Standard §9.2.5.
    ///
    /// - Parameter id: names the state of the site the client has once it has read this.
    /// - Returns: one or more events, or a comment.
    mutating func take(id: String) -> String? {
        var text = ""
        if isAll {
            text += "event: changed\nid: \(id)\ndata: {\"all\":true}\n\n"
        } else if !paths.isEmpty {
            let list = paths.sorted().map { JSONText.string($0.string) }.joined(separator: ",")
            text += "event: changed\nid: \(id)\ndata: {\"paths\":[\(list)]}\n\n"
        }
        switch buildNews {
        case .failed(let message):
            text += "event: build-failed\ndata: {\"message\":\(JSONText.string(message))}\n\n"
        case .recovered: text += "event: build-recovered\ndata: {}\n\n"
        case nil: break
        }
        // Anything sent keeps the connection alive.
        if isPinged, text.isEmpty { text = ": ping\n\n" }
        self = EventMailbox()
        return text.isEmpty ? nil : text
    }
}

/// The little JSON the server writes itself.
enum JSONText {
    /// `text` as a JSON string, on one line (RFC 8259 §7).
    static func string(_ text: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += "\\n".utf8
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += "\\u00".utf8
                bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}
