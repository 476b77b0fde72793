import CSndFile
import Files
import Glibc

/// Bytes on disk or in memory, as libsndfile wants to see them.
///
/// One road for both, and without a file name: given one, libsndfile would take unknown bytes for whatever
/// the name's ending says. It also lets an error of the disk be told from an end of the file.
///
/// Not `Sendable`: its owner alone uses it, and libsndfile only during the owner's calls.
final class VirtualFile {
    /// The contents while they are in memory; what was written.
    private(set) var bytes: [UInt8]
    private let file: OpenFile?
    /// How many bytes there are.
    private(set) var byteCount: Int
    /// Where the next read or write goes.
    private(set) var position = 0
    /// The first error of the system, which libsndfile only sees as an early end.
    private(set) var failure: FilesError?

    /// How far past the end a writer may begin; a header that is filled in later is shorter.
    private static let longestGap = 65_536

    /// Bytes in memory; none to be written to.
    init(bytes: [UInt8] = []) {
        self.bytes = bytes
        file = nil
        byteCount = bytes.count
    }

    /// A file on disk, as long as it is now.
    init(path: String) throws(FilesError) {
        let opened = try OpenFile.reading(path)
        bytes = []
        byteCount = try opened.identity().size
        file = consume opened
    }

    /// The bytes from `offset` on, fewer where the end comes before.
    func read(at offset: Int, count: Int) throws(FilesError) -> [UInt8] {
        guard offset >= 0, offset < byteCount, count > 0 else { return [] }
        let wanted = min(count, byteCount - offset)
        switch file {
        case .none: return Array(bytes[offset..<offset + wanted])
        case .some(let file):
            var failure: FilesError?
            let read = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, done in
                do throws(FilesError) {
                    done = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
                } catch {
                    failure = error
                    done = 0
                }
            }
            if let failure { throw failure }
            return read
        }
    }

    /// Fills `buffer` from the position on; returns how many bytes came.
    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let wanted = min(buffer.count, byteCount - position)
        guard wanted > 0 else { return 0 }
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        var done = 0
        switch file {
        case .none:
            unsafe bytes.withUnsafeBytes { all in
                unsafe target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: all[position..<position + wanted])
                )
            }
            done = wanted
        case .some(let file):
            do throws(FilesError) {
                done = try unsafe file.read(into: target, at: position)
            } catch {
                failure = failure ?? error
            }
        }
        position += done
        return done
    }

    /// Puts `source` at the position, over what is there.
    fileprivate func write(_ source: UnsafeRawBufferPointer) -> Int {
        guard position <= bytes.count + Self.longestGap else { return 0 }
        if position > bytes.count {
            bytes.append(contentsOf: repeatElement(0, count: position - bytes.count))
        }
        let overlap = min(source.count, bytes.count - position)
        unsafe bytes.replaceSubrange(position..<position + overlap, with: source)
        position += source.count
        byteCount = bytes.count
        return source.count
    }

    /// Moves the position as `lseek(2)` does; -1, and no move, for a place before the start.
    ///
    /// Past the end is a place, as it is for the system.
    fileprivate func seek(_ offset: Int, from origin: Int32) -> Int {
        let base: Int
        switch origin {
        case SEEK_SET: base = 0
        case SEEK_CUR: base = position
        case SEEK_END: base = byteCount
        default: return -1
        }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return position
    }
}

extension VirtualFile {
    /// The functions that libsndfile calls; each gets the file as its context.
    static func calls() -> SF_VIRTUAL_IO {
        unsafe SF_VIRTUAL_IO(
            get_filelen: { context in
                guard let file = unsafe VirtualFile.from(context) else { return 0 }
                return sf_count_t(file.byteCount)
            },
            seek: { offset, origin, context in
                guard let file = unsafe VirtualFile.from(context) else { return -1 }
                return sf_count_t(file.seek(Int(offset), from: origin))
            },
            read: { target, count, context in
                guard let file = unsafe VirtualFile.from(context), let target = unsafe target, count > 0
                else {
                    return 0
                }
                let buffer = unsafe UnsafeMutableRawBufferPointer(start: target, count: Int(count))
                return unsafe sf_count_t(file.read(into: buffer))
            },
            write: { source, count, context in
                guard let file = unsafe VirtualFile.from(context), let source = unsafe source, count > 0
                else {
                    return 0
                }
                return unsafe sf_count_t(file.write(UnsafeRawBufferPointer(start: source, count: Int(count))))
            },
            tell: { context in
                guard let file = unsafe VirtualFile.from(context) else { return -1 }
                return sf_count_t(file.position)
            }
        )
    }

    /// The context for ``calls()``; whoever passes it on keeps the file alive.
    var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    private static func from(_ context: UnsafeMutableRawPointer?) -> VirtualFile? {
        unsafe context.map { unsafe Unmanaged<VirtualFile>.fromOpaque($0).takeUnretainedValue() }
    }
}
