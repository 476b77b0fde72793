public import Files

/// Takes bytes as they come, in order; throwing ends the transfer.
///
/// The memory is valid during the call only. It may be called from any one thread at a time.
public typealias ByteSink = @Sendable (UnsafeRawBufferPointer) throws -> Void

/// A tree of files below one root, here or on another host, that can be read.
///
/// All operations may be called concurrently; a transport that can do one thing at a time queues them. All throw
/// ``CollectorError`` and `CancellationError` alone, and return within the transport's time-outs: a peer
/// that falls silent is an error, not a wait. Names and sizes come from the other side and are hostile: what a
/// transport returns has been validated, what it is given it must quote. Symbolic links are never followed
/// below the root.
public protocol Transport: Sendable {
    /// The root in the words of a message: `gpu:/root/runs`. Never with a password in it.
    var displayName: String { get }

    /// What this transport can do beyond reading ranges.
    var capabilities: TransportCapabilities { get }

    /// Lists a folder.
    ///
    /// - Parameters:
    ///   - folder: below the root; nil for the root itself.
    ///   - recursively: whether to list what is in the folders below, too; links are listed, not followed.
    /// - Returns: its entries without itself, each with its path below the root.
    /// - Throws: ``CollectorError`` where the folder itself cannot be listed; parts of it that cannot are among
    ///   ``Listing/problems``.
    func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing

    /// Looks at files; cheap for many at once with ``TransportCapabilities/batchStatus``.
    ///
    /// - Parameter paths: below the root.
    /// - Returns: one answer for each path; nil where nothing is there.
    /// - Throws: ``CollectorError`` where the other side does not answer.
    func status(of paths: [RelativePath]) async throws -> [FileStatus?]

    /// Reads part of a file.
    ///
    /// - Parameters:
    ///   - path: below the root; only regular files are read.
    ///   - offset: of the first byte wanted. At or behind the end of the file nothing comes; that is no error.
    ///   - count: how many bytes at most.
    ///   - sink: gets the bytes in order; what it throws is thrown on.
    /// - Returns: how many bytes came; fewer than `count` mean that the file ended there.
    /// - Throws: ``CollectorError``; ``CollectorError/vanished(_:)`` where nothing is there.
    @discardableResult
    func read(_ path: RelativePath, from offset: Int, count: Int, into sink: ByteSink) async throws -> Int

    /// Hashes the first bytes of a file where it is. Needs ``TransportCapabilities/hash``.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - prefix: how many bytes; nil for the whole file.
    /// - Returns: the SHA-256; of fewer bytes where the file is shorter.
    /// - Throws: ``CollectorError``.
    func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value

    /// Computes the checksum of a file as it is now, where it is. Needs ``TransportCapabilities/checksum``.
    ///
    /// - Parameter path: below the root.
    /// - Returns: what `cksum` tells.
    /// - Throws: ``CollectorError``.
    func checksum(of path: RelativePath) async throws -> FileChecksum

    /// Reads a part of a text and sums up the whole file, at the same time where that can be done. Needs
    /// ``TransportCapabilities/checksum``.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most; they are all held.
    /// - Returns: the bytes, and the checksum of the file as it was about then.
    /// - Throws: ``CollectorError``.
    func textAndChecksum(
        of path: RelativePath,
        from offset: Int,
        count: Int
    ) async throws -> (text: [UInt8], checksum: FileChecksum)

    /// Reads a part of a text into memory, compressed on the way where the other side can do that.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most; they are all held.
    /// - Returns: the bytes; fewer than `count` where the file ends.
    /// - Throws: ``CollectorError``.
    func text(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8]

    /// The time by the clock that stamps its files, in nanoseconds since 1970.
    ///
    /// - Returns: never ahead of that clock; nil where it is not known.
    func currentTime() async -> Int64?

    /// Ends connections and helper processes. The transport is not used afterwards.
    func close() async
}

extension Transport {
    /// Looks at one file.
    ///
    /// - Parameter path: below the root.
    /// - Returns: nil where nothing is there.
    /// - Throws: ``CollectorError`` where the other side does not answer.
    public func status(of path: RelativePath) async throws -> FileStatus? {
        try await status(of: [path]).first ?? nil
    }

    /// Not possible.
    ///
    /// - Parameter path: below the root.
    /// - Returns: nothing.
    /// - Throws: ``CollectorError/usage(_:)`` always.
    public func checksum(of path: RelativePath) async throws -> FileChecksum {
        throw CollectorError.usage("\(displayName): it computes no checksums")
    }

    /// Sums up, then reads.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    /// - Returns: the bytes and the checksum.
    /// - Throws: ``CollectorError``.
    public func textAndChecksum(
        of path: RelativePath,
        from offset: Int,
        count: Int
    ) async throws -> (text: [UInt8], checksum: FileChecksum) {
        let checksum = try await checksum(of: path)
        return (try await text(of: path, from: offset, count: count), checksum)
    }

    /// Reads it as it is.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    /// - Returns: the bytes.
    /// - Throws: ``CollectorError``.
    public func text(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8] {
        try await bytes(of: path, from: offset, count: count)
    }

    /// Not known.
    ///
    /// - Returns: nil.
    public func currentTime() async -> Int64? { nil }

    /// Reads a small part of a file into memory.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most; they are all held.
    /// - Returns: the bytes; fewer than `count` where the file ends.
    /// - Throws: ``CollectorError``.
    public func bytes(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8] {
        let collected = CollectedBytes(limit: count)
        try await read(path, from: offset, count: count) { try collected.append($0) }
        return collected.bytes
    }
}

/// A tree of files that can also be written: the receiving end.
///
/// Files are written under temporary names and put in place by ``replace(_:with:)``, or appended to at exact
/// offsets by ``write(_:at:truncating:from:)``; nothing else changes a file that a reader may see.
public protocol WritableTransport: Transport {
    /// Creates a folder and those it lies in; existing ones are fine, a link in the way is an error.
    ///
    /// - Parameter path: below the root.
    /// - Throws: ``CollectorError``.
    func createFolder(_ path: RelativePath) async throws

    /// Writes bytes into a file at an offset, creating it with mode 0600 where it is missing, and waits until
    /// they are on the device.
    ///
    /// - Parameters:
    ///   - path: below the root; its folder exists.
    ///   - offset: where the first byte goes; bytes before it stay as they are.
    ///   - truncating: whether the file ends behind the written bytes.
    ///   - chunks: called for the next bytes until it returns an empty array.
    /// - Returns: how many bytes were written.
    /// - Throws: ``CollectorError``, and what `chunks` throws; the bytes before are then written or not.
    func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int

    /// Puts a finished file in the place of another, durably: what was there is replaced in one step.
    ///
    /// - Parameters:
    ///   - path: where it goes.
    ///   - partial: the finished file, on the same file system.
    /// - Throws: ``CollectorError``; the old file is then still there.
    func replace(_ path: RelativePath, with partial: RelativePath) async throws

    /// Gives a file a name that nothing has yet, durably.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - target: the new name.
    /// - Throws: ``CollectorError``; ``CollectorError/exists(_:)`` where something has that name.
    func move(_ path: RelativePath, toNew target: RelativePath) async throws

    /// Sets the permissions and the time of the last change; nil leaves them as they are.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - mode: permission bits.
    ///   - modifiedNanoseconds: since 1970.
    /// - Throws: ``CollectorError``.
    func setAttributes(of path: RelativePath, mode: UInt32?, modifiedNanoseconds: Int64?) async throws

    /// Removes a file, a link, or an empty folder; it is fine where nothing is there.
    ///
    /// - Parameter path: below the root.
    /// - Throws: ``CollectorError``.
    func remove(_ path: RelativePath) async throws
}
