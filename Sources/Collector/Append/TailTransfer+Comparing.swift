import Files
import Glibc

extension TailTransfer {
    /// How much is read and compared at once.
    private static let pieceLength = 1 << 20
    /// Up to here the whole prefix is read instead of hashed: it costs one request either way.
    private static let smallLength = 64 << 10

    /// Whether the first bytes of a file are the same at both ends.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - target: below the destination's root.
    ///   - synced: how many bytes are compared at most.
    ///   - depth: how many of them are compared at least.
    /// - Returns: nil where the source is gone.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func prefixIsEqual(
        _ path: RelativePath,
        _ target: RelativePath,
        _ synced: Int,
        _ depth: PrefixDepth
    ) async throws -> Bool? {
        if synced <= Self.smallLength { return try await isEqual(path, target, 0..<synced) }
        if depth == .everything, source.capabilities.contains(.hash),
            destination.capabilities.contains(.hash)
        {
            do throws(any Error) {
                async let theirs = source.sha256(of: path, prefix: synced)
                async let ours = destination.sha256(of: target, prefix: synced)
                return try await theirs == ours
            } catch CollectorError.vanished {
                return nil
            }
        }
        for range in ranges(synced, depth) {
            guard let isEqual = try await isEqual(path, target, range) else { return nil }
            if !isEqual { return false }
        }
        return true
    }

    private func ranges(_ synced: Int, _ depth: PrefixDepth) -> [Range<Int>] {
        let end = max(0, synced - max(1, options.overlapByteCount))..<synced
        var ranges = [0..<min(synced, JournalEntry.headLength), end]
        if depth != .ends {
            let length = min(synced, max(1, options.auditBlockLength))
            for _ in 0..<max(0, options.auditBlockCount) {
                let start = min(max(0, random(synced - length + 1)), synced - length)
                ranges.append(start..<start + length)
            }
        }
        return ranges
    }

    private func isEqual(
        _ path: RelativePath,
        _ target: RelativePath,
        _ range: Range<Int>
    ) async throws -> Bool? {
        var start = range.lowerBound
        while start < range.upperBound {
            let count = min(Self.pieceLength, range.upperBound - start)
            guard let theirs = try await sourceBytes(of: path, from: start, count: count) else { return nil }
            if try await copyBytes(of: target, from: start, count: count) != theirs { return false }
            // Both ends are short: they are equal as far as they go, which is not as far as was recorded.
            if theirs.count < count { return false }
            start += count
        }
        return true
    }

    // MARK: Reading and writing

    /// Bytes of the source; nil where it is gone.
    func sourceBytes(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8]? {
        do { return try await source.text(of: path, from: offset, count: count) } catch CollectorError
            .vanished
        {
            return nil
        }
    }

    /// Bytes of the copy; none where it is missing.
    func copyBytes(of target: RelativePath, from offset: Int, count: Int) async throws -> [UInt8] {
        do {
            return try await destination.bytes(of: target, from: offset, count: count)
        } catch CollectorError.vanished {
            return []
        }
    }

    /// Writes bytes at an offset, and waits until the file is on the device.
    func write(_ bytes: [UInt8], to target: RelativePath, at offset: Int) async throws {
        let source = OnceOnly(bytes)
        _ = try await destination.write(target, at: offset, truncating: false) { source.take() }
    }

    /// Copies the end of a file into a file of its own.
    func copyWithinDestination(_ path: RelativePath, from offset: Int, to copy: RelativePath) async throws {
        let position = Position(offset)
        _ = try await destination.write(copy, at: 0, truncating: true) {
            let bytes = try await destination.bytes(of: path, from: position.value, count: Self.pieceLength)
            position.advance(by: bytes.count)
            return bytes
        }
    }

    /// The offset behind the last line break before an offset.
    func lineEnd(in target: RelativePath, before length: Int) async throws -> Int {
        var end = length
        while end > 0 {
            let start = max(0, end - Self.smallLength)
            let bytes = try await copyBytes(of: target, from: start, count: end - start)
            if let last = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + last + 1 }
            end = start
        }
        return 0
    }
}
