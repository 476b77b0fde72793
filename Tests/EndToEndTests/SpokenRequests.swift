import Foundation
import Glibc
import TestSupport
import Testing

/// Raw requests to a server of our own.
enum SpokenRequests {
    /// Whether what clips are made with is installed.
    static var canSpeak: Bool {
        Products.executable("voxsite-speech-helper") != nil
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg")
    }

    /// What came back.
    struct Answer {
        var status: Int
        var head: String
        var body: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
    }

    /// Connects; a read waits for a minute and a half at most: a whole clip may be made meanwhile.
    static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        return descriptor
    }

    /// Sends a request on a connection of its own and reads until the server ends it.
    static func send(
        _ port: Int,
        _ method: String,
        _ target: String,
        fields: [String] = [],
        body: String? = nil
    ) throws -> Answer {
        let descriptor = try connect(port)
        defer { close(descriptor) }
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + fields
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        write(descriptor, lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return read(descriptor)
    }

    /// `POST /api/avatar/speak` with JSON.
    static func speak(_ port: Int, _ body: String, fields: [String] = []) throws -> Answer {
        try send(
            port,
            "POST",
            "/api/avatar/speak",
            fields: ["Content-Type: application/json"] + fields,
            body: body
        )
    }

    static func write(_ descriptor: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    static func read(_ descriptor: Int32) -> Answer {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            received += chunk[..<count]
        }
        let text = String(decoding: received, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let head = parts.first.map(String.init) ?? ""
        return Answer(
            status: Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0,
            head: head,
            body: parts.count == 2 ? String(parts[1]) : ""
        )
    }
}
