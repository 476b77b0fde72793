import Foundation
import Glibc

/// One HTTP request to a port of this machine, the least that chromedriver needs.
///
/// Foundation's `URLSession` refuses chromedriver's answers on Linux ("Failed writing header"): they have no
/// space after a header's colon, which RFC 9112 allows.
enum LoopbackHTTP {
    struct Answer: Sendable {
        let status: Int
        let body: Data
    }

    /// Sends a request and reads the answer, on a thread of its own since both block.
    ///
    /// - Throws: ``WebDriverError`` where the other side is not there or hangs up.
    static func send(_ method: String, port: Int, path: String, body: Data?) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(method, port, path, body ?? Data()) })
            }
        }
    }

    private static func exchange(_ method: String, _ port: Int, _ path: String, _ body: Data) throws -> Answer
    {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw problem(path, "no socket") }
        defer { _ = close(connection) }
        var limit = timeval(tv_sec: 180, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(connection, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw problem(path, "nobody listens on port \(port)") }
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        try write(Array(head.utf8) + Array(body), to: connection, path)
        return try readAnswer(from: connection, path)
    }

    private static func write(_ bytes: [UInt8], to connection: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw problem(path, "the connection broke while sending") }
            rest = rest.dropFirst(count)
        }
    }

    private static func readAnswer(from connection: Int32, _ path: String) throws -> Answer {
        var received = Data()
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var expected: Int?
        while true {
            if expected == nil, let end = received.range(of: Data("\r\n\r\n".utf8)) {
                expected = end.upperBound + length(in: received[..<end.lowerBound])
            }
            if let expected, received.count >= expected { break }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { throw problem(path, "no complete answer") }
            received.append(contentsOf: chunk[..<count])
        }
        let end = received.range(of: Data("\r\n\r\n".utf8))?.upperBound ?? received.endIndex
        let status = String(decoding: received.prefix(64), as: UTF8.self).split(separator: " ").dropFirst()
            .first
        return Answer(status: status.flatMap { Int($0) } ?? 0, body: Data(received[end...]))
    }

    private static func length(in head: Data) -> Int {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            return Int(parts[1].trimmingCharacters(in: .whitespaces)) ?? 0
        }
        return 0
    }

    private static func problem(_ path: String, _ reason: String) -> WebDriverError {
        WebDriverError(command: path, message: reason)
    }
}
