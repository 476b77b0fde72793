import Files
import Glibc
import Synchronization

/// Makes a partial file from the older file at the destination and what changed at the source.
///
/// Both are here, so nothing is saved on a wire: blocks that did not change are copied inside the kernel, which
/// on file systems that can (btrfs, XFS) shares them instead of writing them again.
struct DeltaReception: Sendable {
    let source: LocalTransport
    let path: RelativePath
    let destination: LocalTransport
    /// The older file.
    let basis: RelativePath
    let partial: RelativePath

    /// Smaller files are carried whole at once.
    static let minimumByteCount = 1 << 20

    /// What came of it.
    struct Result: Sendable {
        /// Of the source's contents as they were read.
        var sha256: SHA256Value
        var literalByteCount = 0
        var matchedByteCount = 0
    }

    /// Everything a piece of the source changes; pieces come one after another.
    private struct State: ~Copyable {
        let signature: BlockSignature
        let basis: LocalDescriptor
        let output: LocalDescriptor
        var encoder: DeltaEncoder
        var hasher = SHA256Hasher()
        var offset = 0
        var literalByteCount = 0
        var matchedByteCount = 0

        mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
            hasher.update(bytes)
            var operations: [DeltaOperation] = []
            encoder.update(bytes) { operations.append($0) }
            try apply(operations)
        }

        mutating func finish() throws {
            var operations: [DeltaOperation] = []
            encoder.finish { operations.append($0) }
            try apply(operations)
            try output.synchronizeContents()
        }

        private mutating func apply(_ operations: [DeltaOperation]) throws {
            for operation in operations {
                switch operation {
                case .literal(let bytes):
                    let position = offset
                    try bytes.withUnsafeBytes { try output.write($0, at: position) }
                    offset += bytes.count
                    literalByteCount += bytes.count
                case .copy(let first, let count):
                    let range = try DeltaApplier.range(firstBlock: first, count: count, in: signature)
                    try output.copy(range, of: basis, to: offset)
                    offset += range.count
                    matchedByteCount += range.count
                }
            }
        }
    }

    /// Makes the partial file.
    ///
    /// - Parameters:
    ///   - size: how much of the source is read.
    ///   - progress: gets the length of the partial file so far.
    /// - Returns: what came of it; the partial file itself is still to be checked.
    /// - Throws: ``CollectorError``, `CancellationError`; the partial file is then useless.
    func run(size: Int, progress: @escaping @Sendable (Int) -> Void) async throws -> Result {
        let state = Mutex(try await start())
        try await source.read(path, from: 0, count: size) { bytes in
            progress(
                try state.withLock { state in
                    try state.update(bytes)
                    return state.offset
                }
            )
        }
        return try state.withLock { state in
            try state.finish()
            var hasher = SHA256Hasher()
            swap(&hasher, &state.hasher)
            return Result(
                sha256: hasher.finish(),
                literalByteCount: state.literalByteCount,
                matchedByteCount: state.matchedByteCount
            )
        }
    }

    @concurrent
    private func start() async throws -> sending State {
        let root = try LocalDescriptor.root(destination.root)
        let old = try root.openFile(basis)
        let length = try old.identity().size
        // File systems share whole pages only.
        let blockLength = (BlockSignature.blockLength(fileLength: length) + 4_095) & ~4_095
        // Nothing travels, so the strong sums need not be short.
        var signature = BlockSignature(blockLength: blockLength, strongLength: 16, fileLength: length)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockLength, alignment: 16)
        defer { buffer.deallocate() }
        for offset in stride(from: 0, to: length, by: blockLength) {
            try Task.checkCancellation()
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(blockLength, length - offset)])
            guard try old.read(into: wanted, at: offset) == wanted.count else {
                throw CollectorError.changed(old.path)
            }
            signature.append(UnsafeRawBufferPointer(wanted))
        }
        let output = try root.open(
            partial,
            flags: O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            operation: "write"
        )
        try output.requireRegularFile()
        let encoder = DeltaEncoder(signature)
        return State(signature: signature, basis: old, output: output, encoder: encoder)
    }
}

extension LocalDescriptor {
    /// Copies a part of another file to an offset of this one, inside the kernel where it can.
    fileprivate func copy(
        _ range: Range<Int>,
        of other: borrowing LocalDescriptor,
        to offset: Int
    ) throws(CollectorError) {
        var (input, output) = (off_t(range.lowerBound), off_t(offset))
        while input < range.upperBound {
            let count = kernelCopy(other, &input, &output, range.upperBound - Int(input))
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            guard count < 0, [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(errno) else {
                throw count == 0 ? .changed(other.path) : failure("write")
            }
            return try copyThroughMemory(Int(input)..<range.upperBound, of: other, to: Int(output))
        }
    }

    private func copyThroughMemory(
        _ range: Range<Int>,
        of other: borrowing LocalDescriptor,
        to offset: Int
    ) throws(CollectorError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: buffer.count) {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, range.upperBound - start)]
            )
            guard try other.read(into: part, at: start) == part.count else { throw .changed(other.path) }
            try write(UnsafeRawBufferPointer(part), at: offset + start - range.lowerBound)
        }
    }
}
