import Files

extension TailPoll {
    /// What was read of the source's end while something else was asked.
    struct Prefetched: Sendable {
        let start: Int
        let count: Int
        let bytes: [UInt8]
    }

    /// Longer files are compared by a command of its own, which does not keep the session from others.
    private static let checksumLimit = 256 << 20

    /// Compares all that was collected with the source, and reads what is new along with it.
    ///
    /// The source tells a checksum of its whole file and of how many bytes that is; here the one that was kept of what
    /// arrived is continued over what is new. A prefix alone would have to go through a pipe there, which takes
    /// longer than the checksum. The copy is read where no checksum was kept, or where that is asked for.
    ///
    /// - Parameters:
    ///   - entry: of the copy; it gets the checksum.
    ///   - copy: what is known of its length.
    /// - Returns: nil where it cannot be told this way.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func checksumIsEqual(_ entry: inout JournalEntry, _ copy: CopyState?) async throws -> Bool? {
        guard transfer.source.capabilities.contains(.checksum), !isDraining,
            let destination = transfer.destination as? LocalTransport,
            let remote, remote.size >= entry.synced, remote.size <= Self.checksumLimit,
            remote.size - entry.synced <= budget
        else { return nil }
        let overlap = overlap(of: entry)
        let start = entry.synced - overlap
        let count = overlap + wanted(behind: entry.synced, copy)
        let (transfer, path, target, synced) = (transfer, path, target, entry.synced)
        let kept = transfer.options.readsCopies ? nil : entry.checksum
        async let theirs = transfer.source.textAndChecksum(of: path, from: start, count: count)
        async let ours = Self.checksum(kept, destination, target, synced)
        do {
            let (bytes, sum) = try await theirs
            var checksum = try await ours
            guard checksum.byteCount == synced else { return nil }
            entry.register = checksum.register
            let newCount = sum.byteCount - synced
            guard newCount >= 0, newCount <= bytes.count - overlap else { return nil }
            bytes[overlap..<overlap + newCount].withUnsafeBytes { checksum.update($0) }
            prefetched = Prefetched(start: start, count: count, bytes: bytes)
            return checksum.value == sum.value
        } catch CollectorError.vanished {
            return nil
        }
    }

    private static func checksum(
        _ kept: PosixChecksum?,
        _ destination: LocalTransport,
        _ target: RelativePath,
        _ length: Int
    ) async throws -> PosixChecksum {
        if let kept { return kept }
        return try await destination.checksum(of: target, prefix: length)
    }
}
