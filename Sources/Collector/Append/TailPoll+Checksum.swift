import Files

extension TailPoll {
    /// What was read of the source's end while something else was asked.
    struct Prefetched: Sendable {
        let start: Int
        let count: Int
        let bytes: [UInt8]
    }

    /// Longer files are compared by a command of its own, which does not keep the session from others.
    private static let checksumLimit = 128 << 20

    /// Compares all that was collected with the source, and reads what is new along with it.
    ///
    /// The source tells a checksum of its whole file and of how many bytes that is; here it is computed of the copy
    /// and of what came behind it. A prefix alone would have to go through a pipe there, which takes longer than the
    /// checksum.
    ///
    /// - Parameters:
    ///   - entry: of the copy.
    ///   - copy: what is known of its length.
    /// - Returns: nil where it cannot be told this way.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func checksumIsEqual(_ entry: JournalEntry, _ copy: CopyState?) async throws -> Bool? {
        guard transfer.source.capabilities.contains(.checksum), !isDraining,
            let destination = transfer.destination as? LocalTransport,
            let remote, remote.size >= entry.synced, remote.size <= Self.checksumLimit,
            remote.size - entry.synced <= budget
        else { return nil }
        let overlap = overlap(of: entry)
        let start = entry.synced - overlap
        let count = overlap + wanted(behind: entry.synced, copy)
        let (transfer, path, target) = (transfer, path, target)
        async let theirs = transfer.source.checksum(of: path)
        async let tail = transfer.sourceBytes(of: path, from: start, count: count)
        async let ours = destination.checksum(of: target, prefix: entry.synced)
        do {
            let (sum, bytes) = (try await theirs, try await tail)
            var checksum = try await ours
            guard let bytes, checksum.byteCount == entry.synced else { return nil }
            let newCount = sum.byteCount - entry.synced
            guard newCount >= 0, newCount <= bytes.count - overlap else { return nil }
            bytes[overlap..<overlap + newCount].withUnsafeBytes { checksum.update($0) }
            prefetched = Prefetched(start: start, count: count, bytes: bytes)
            return checksum.value == sum.value
        } catch CollectorError.vanished {
            return nil
        }
    }
}
