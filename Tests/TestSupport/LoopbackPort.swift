import Glibc

/// Ports of 127.0.0.1 that nobody listens on.
public enum LoopbackPort {
    /// Asks the system for a free port and gives it back at once; the system hands it out again last.
    ///
    /// - Returns: a port number, unused a moment ago.
    /// - Throws: ``LoopbackPortError`` where no socket can be had.
    public static func free() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw LoopbackPortError(code: errno) }
        defer { _ = close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 ? getsockname(listener, generic, &length) : -1
            }
        }
        guard result == 0 else { throw LoopbackPortError(code: errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Why no free port was found.
public struct LoopbackPortError: Error, Sendable {
    /// The `errno` of the call that failed.
    public let code: Int32
}
