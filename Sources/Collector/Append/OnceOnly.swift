import Synchronization

/// Bytes that are handed out once, then no more: the source of one write.
final class OnceOnly: Sendable {
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    func take() -> [UInt8] {
        bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
    }
}

/// A place in a file that moves on.
final class Position: Sendable {
    private let offset: Mutex<Int>

    init(_ offset: Int) { self.offset = Mutex(offset) }

    var value: Int { offset.withLock { $0 } }

    func advance(by count: Int) { offset.withLock { $0 += count } }
}
