import Foundation
import Glibc
import Synchronization

/// An HTTP server on this machine that answers as a test wants: one request a connection.
final class StubServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]

        /// The body as JSON.
        var json: [String: any Sendable] {
            let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return (object ?? [:]).compactMapValues { value in
                switch value {
                case let text as String: text
                case let number as Double: number
                case let nested as [String: Double]: nested
                default: nil
                }
            }
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Keeps the connection open and says nothing.
        var isSilent = false
        /// Claims a longer body than it sends.
        var missingByteCount = 0

        static func json(_ text: String, status: Int = 200, headers: [String: String] = [:]) -> Answer {
            Answer(status: status, headers: headers, body: Array(text.utf8))
        }
    }

    /// Where it is: `http://127.0.0.1:40123`.
    let url: String
    private let listener: Int32
    private let seen = Mutex<[Request]>([])
    private let silent = Mutex<[Int32]>([])

    /// All requests so far.
    var requests: [Request] { seen.withLock { $0 } }

    /// Starts it.
    init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, listen(descriptor, 16) == 0 else {
                    return Int32(-1)
                }
                return getsockname(descriptor, generic, &length)
            }
        }
        guard descriptor >= 0, status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else {
                    if connection >= 0 { close(connection) }
                    // Closed here and not earlier: its number could by then belong to another test's server.
                    close(descriptor)
                    return
                }
                self.serve(connection, answer)
            }
        }
    }

    deinit {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        silent.withLock { for connection in $0 { close(connection) } }
    }

    private func serve(_ connection: Int32, _ answer: (Request) -> Answer) {
        guard let request = Self.read(connection) else {
            close(connection)
            return
        }
        seen.withLock { $0.append(request) }
        let answer = answer(request)
        guard !answer.isSilent else {
            silent.withLock { $0.append(connection) }
            return
        }
        var head = "HTTP/1.1 \(answer.status) Status\r\nConnection: close\r\n"
        head += "Content-Length: \(answer.body.count + answer.missingByteCount)\r\n"
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + answer.body
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        close(connection)
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(
                    separatedBy: "\r\n"
                )
                let words = lines[0].split(separator: " ").map(String.init)
                guard words.count == 3 else { return nil }
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    guard parts.count == 2 else { continue }
                    headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
                }
                let length = headers["content-length"].flatMap(Int.init) ?? 0
                if bytes.count >= end.upperBound + length {
                    let body = Array(bytes[end.upperBound..<end.upperBound + length])
                    return Request(method: words[0], path: words[1], headers: headers, body: body)
                }
            }
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }
}
