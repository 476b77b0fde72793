import Glibc

/// What a remote command gave.
struct SSHAnswer: Sendable, Equatable {
    /// Its standard output, byte for byte.
    var output: [UInt8]
    /// Its exit status.
    var status: Int
    /// Its standard error.
    var errors: String
}

/// Cuts one answer out of the bytes of a shell session.
///
/// An answer is the command's output, then `\n`, the request's token, a space, the exit status, a space, the
/// standard error, `\n`, the token again and `\n`. The token is random and new for each request: no file's
/// contents can hold it by accident or by design.
struct SSHAnswerParser {
    private let token: [UInt8]
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Everything before is known to hold no token.
    private var searched = 0
    /// Where the output ends, once the first token was seen.
    private var outputEnd: Int?

    /// The most that a command may say on its standard error.
    static let errorLimit = 1 << 20

    /// - Parameters:
    ///   - token: of the request.
    ///   - limit: the most bytes of output.
    init(token: String, limit: Int) {
        self.token = Array(token.utf8)
        self.limit = limit
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: what came next.
    /// - Returns: the answer and what came behind it, once it is whole; nil until then.
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)``.
    mutating func feed(_ bytes: [UInt8]) throws(CollectorError) -> (SSHAnswer, rest: [UInt8])? {
        buffer.append(contentsOf: bytes)
        if outputEnd == nil {
            let mark = [UInt8(ascii: "\n")] + token + [UInt8(ascii: " ")]
            if let start = find(mark) {
                outputEnd = start
                searched = start + mark.count
            } else {
                searched = max(searched, buffer.count - mark.count + 1)
            }
            let length = outputEnd ?? (buffer.count - mark.count)
            guard length <= limit else { throw Self.violation("more than \(limit) bytes came") }
        }
        guard let outputEnd else { return nil }
        let mark = [UInt8(ascii: "\n")] + token + [UInt8(ascii: "\n")]
        let trailerStart = outputEnd + 1 + token.count + 1
        guard let end = find(mark) else {
            searched = max(searched, buffer.count - mark.count + 1)
            guard buffer.count - trailerStart <= Self.errorLimit else {
                throw Self.violation("its errors do not end")
            }
            return nil
        }
        let trailer = buffer[trailerStart..<end]
        let statusEnd = trailer.firstIndex(of: UInt8(ascii: " ")) ?? trailer.endIndex
        guard let status = Int(String(decoding: trailer[..<statusEnd], as: UTF8.self)),
            (0...255).contains(status)
        else { throw Self.violation("an answer has no exit status") }
        let answer = SSHAnswer(
            output: Array(buffer[..<outputEnd]),
            status: status,
            errors: String(decoding: trailer[statusEnd...].dropFirst(), as: UTF8.self)
        )
        return (answer, Array(buffer[(end + mark.count)...]))
    }

    /// The first place of a needle that begins with a line feed.
    private func find(_ needle: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { bytes in
            var start = searched
            while start + needle.count <= bytes.count, let base = bytes.baseAddress {
                let rest = bytes.count - start
                guard let hit = memchr(base + start, Int32(needle[0]), rest) else { return nil }
                start = UnsafeRawPointer(hit) - base
                guard start + needle.count <= bytes.count else { return nil }
                if memcmp(base + start, needle, needle.count) == 0 { return start }
                start += 1
            }
            return nil
        }
    }

    private static func violation(_ reason: String) -> CollectorError {
        .protocolViolation("a command over ssh", reason: reason)
    }
}
