import Files

/// An open log, read at explicit offsets so that several readers can share it.
///
/// Reads copy instead of mapping: a mapped file that shrinks kills its reader, and logs are rewritten.
final class LogFile: Sendable {
    private let file: OpenFile
    /// Taken once, when opened: what grows later is read the next time.
    let identity: FileIdentity

    init(path: String) throws(RunRecordsError) {
        do {
            file = try OpenFile.reading(path)
            identity = try file.identity()
        } catch {
            throw .read(path: path, reason: error.systemReason ?? error.description)
        }
    }

    /// Fills `buffer` from `offset`; fewer bytes only at the file's end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(RunRecordsError) -> Int {
        do {
            return try file.read(into: buffer, at: offset)
        } catch {
            throw .read(path: file.path, reason: error.systemReason ?? error.description)
        }
    }

    /// Up to `count` bytes from `offset`.
    func bytes(at offset: Int, count: Int) throws(RunRecordsError) -> [UInt8] {
        var failure: RunRecordsError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(RunRecordsError) {
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
                filled = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The offset behind the last newline before `end`, not before `start`: what is complete so far.
    func endOfCompleteLines(from start: Int, to end: Int) throws(RunRecordsError) -> Int {
        let blockSize = 1 << 16
        var upper = end
        while upper > start {
            let lower = max(start, upper - blockSize)
            let block = try bytes(at: lower, count: upper - lower)
            if let newline = block.lastIndex(of: 0x0A) { return lower + newline + 1 }
            upper = lower
        }
        return start
    }
}
