import CLinux
import Files
import Glibc
import SystemPackage

/// What a process sends in bulk: a pipe with room for a mebibyte, read on a thread of its own.
///
/// Subprocess hands over 64 KiB at a time, each with a new array and two changes of threads; with a gigabyte of them
/// that takes longer than the decryption, and the process waits meanwhile.
actor BulkPipe {
    private static let size = 1 << 20
    /// How much is read at once: it stays in the processor's second cache until it is hashed and written.
    private static let pieceLength = 256 << 10
    /// From here on it is bulk, of which more is let gather before it is read: ssh writes 32 KiB at a time, and a
    /// change of processes for each costs as much as carrying it.
    private static let gatheringFrom = 4 << 20
    /// How often it is looked whether anybody still waits.
    private static let lookMilliseconds: Int32 = 250

    private let executor = CurlExecutor(name: "voxsite-pipe")
    private let reading: Int32
    /// What the process gets as its output; whoever starts the process closes it here.
    nonisolated let writing: FileDescriptor

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init() throws(CollectorError) {
        var ends: (Int32, Int32) = (-1, -1)
        let status = linux_pipe(&ends.0, &ends.1, Int32(Self.size))
        guard status == 0 else { throw .file(.system(operation: "make a pipe", path: "ssh", code: -status)) }
        (reading, writing) = (ends.0, FileDescriptor(rawValue: ends.1))
    }

    deinit { _ = close(reading) }

    /// Reads to the end and hands on what comes behind the marker.
    ///
    /// - Parameters:
    ///   - marker: what the output begins with.
    ///   - limit: the most bytes that may come.
    ///   - what: in messages.
    ///   - watch: told of everything that comes; reading ends when it has fired.
    ///   - pacer: how fast it goes at most.
    ///   - sink: gets the bytes.
    /// - Returns: how many bytes came, and whether the marker did.
    /// - Throws: ``CollectorError``, `CancellationError`, and what the sink throws.
    func pump(
        behind marker: SSHOutputMarker,
        limit: Int,
        what: String,
        watch: SilenceWatch,
        pacer: RatePacer?,
        into sink: ByteSink
    ) async throws -> (count: Int, hasBegun: Bool) {
        var marker = marker
        var total = 0
        let length = min(Self.pieceLength, pacer?.pieceLength ?? Self.pieceLength)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { buffer.deallocate() }
        while let count = try next(into: buffer, what: what, watch: watch) {
            watch.touch()
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            let skipped = marker.isPassed ? 0 : try marker.skip(Array(piece))
            guard skipped < count else { continue }
            total += count - skipped
            guard total <= limit else {
                throw CollectorError.protocolViolation(what, reason: "more came than was asked for")
            }
            // The time that we take is not the other side's silence.
            watch.end()
            defer { watch.begin() }
            try sink(UnsafeRawBufferPointer(rebasing: piece[skipped...]))
            try await pacer?.pace(count - skipped)
            // A millisecond: at a gigabyte a second the pipe would just be full by then.
            if count < length, total >= Self.gatheringFrom { _ = poll(nil, 0, 1) }
        }
        return (total, marker.isPassed)
    }

    /// Waits for the next bytes; nil at the end.
    private func next(
        into buffer: UnsafeMutableRawBufferPointer,
        what: String,
        watch: SilenceWatch
    ) throws -> Int? {
        while true {
            try Task.checkCancellation()
            if watch.hasFired { return nil }
            var look = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            guard poll(&look, 1, Self.lookMilliseconds) > 0 else { continue }
            let count = read(reading, buffer.baseAddress, buffer.count)
            if count > 0 { return count }
            if count == 0 { return nil }
            guard errno == EINTR || errno == EAGAIN else {
                throw CollectorError.file(.system(operation: "read", path: what, code: errno))
            }
        }
    }
}
