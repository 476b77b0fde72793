import Synchronization

/// A bounded buffer that a ``ByteSink`` fills.
final class CollectedBytes: Sendable {
    private let limit: Int
    private let storage = Mutex<[UInt8]>([])

    init(limit: Int) { self.limit = limit }

    /// What came so far.
    var bytes: [UInt8] { storage.withLock { $0 } }

    /// Adds bytes.
    ///
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)`` where more come than were asked for.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try storage.withLock { storage in
            guard storage.count + bytes.count <= limit else {
                throw CollectorError.protocolViolation(
                    "a read",
                    reason: "more bytes came than were asked for"
                )
            }
            storage.append(contentsOf: bytes)
        }
    }
}
