import Glibc

/// A connection to a loopback server that sends exactly the bytes it is given.
final class RawConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects, with half a minute for each read, on a machine that may be busy.
    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
    }

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A second descriptor of the connection, which keeps it open.
    func duplicate() -> Int32 { dup(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// More bytes; false where the server closed or stayed silent.
    private func receive() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        received += chunk[..<count]
        return true
    }

    /// What came until `text` was among it, or all there was.
    func read(until text: String) -> String {
        while !String(decoding: received, as: UTF8.self).utf8.containsSequence(Array(text.utf8)), receive() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the server has closed the connection, once everything was read.
    func isClosedByServer() -> Bool {
        var byte: UInt8 = 0
        while true {
            let count = recv(descriptor, &byte, 1, 0)
            if count <= 0 { return count == 0 || errno == ECONNRESET }
        }
    }

    /// Sends a request and reads its answer, whose body is as long as it says or, for HEAD and 304, absent.
    func exchange(
        _ method: String,
        _ target: String,
        _ fields: [String] = [],
        host: String? = "localhost"
    ) -> RawAnswer? {
        let lines = ["\(method) \(target) HTTP/1.1"] + (host.map { ["Host: \($0)"] } ?? []) + fields
        send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return answer(hasBody: method != "HEAD")
    }

    func answer(hasBody: Bool) -> RawAnswer? {
        let end = Array("\r\n\r\n".utf8)
        var split = received.firstIndex(of: end)
        while split == nil {
            guard receive() else { return nil }
            split = received.firstIndex(of: end)
        }
        guard let split else { return nil }
        let lines = String(decoding: received[..<split], as: UTF8.self).split(separator: "\r\n")
        var answer = RawAnswer(status: Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0)
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count == 2 ? parts[1].trimmingSpaces : ""
            answer.fields[parts[0].lowercased(), default: []].append(value)
        }
        received.removeFirst(split + end.count)
        let length = Int(answer["content-length"] ?? "") ?? 0
        guard hasBody, answer.status != 304 else { return answer }
        while received.count < length { guard receive() else { return nil } }
        answer.body = Array(received[..<length])
        received.removeFirst(length)
        return answer
    }
}

struct RawAnswer {
    let status: Int
    var fields: [String: [String]] = [:]
    var body: [UInt8] = []

    init(status: Int) { self.status = status }

    subscript(name: String) -> String? { fields[name]?.joined(separator: ", ") }
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension Collection where Element == UInt8, Index: Comparable {
    func firstIndex(of pattern: [UInt8]) -> Index? {
        var rest = self[...]
        while let first = pattern.first, let start = rest.firstIndex(of: first) {
            if rest[start...].starts(with: pattern) { return start }
            rest = rest[index(after: start)...]
        }
        return nil
    }

    func containsSequence(_ pattern: [UInt8]) -> Bool { firstIndex(of: pattern) != nil }
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
