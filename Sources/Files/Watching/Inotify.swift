import CLinux
import Glibc

/// One inotify instance: watches in, events out.
final class Inotify: Sendable {
    struct Event {
        let watch: Int32
        let mask: UInt32
        /// The entry of the watched folder that the event is about; empty where it is about the folder.
        let name: String

        func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
        var hasOverflowed: Bool { has(Int32(IN_Q_OVERFLOW)) }
        var isDirectory: Bool { mask & UInt32(IN_ISDIR) != 0 }
    }

    private let file: OpenFile

    init() throws(FilesError) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw .system(operation: FilesError.watchOperation, path: "inotify", code: errno)
        }
        file = OpenFile(owning: descriptor, path: "inotify")
    }

    var descriptor: Int32 { file.descriptor }

    /// Adds `mask` to what is watched of the folder at `path`.
    ///
    /// - Returns: the watch; the same for the same folder by whatever path.
    func add(_ path: String, mask: UInt32) throws(FilesError) -> Int32 {
        let always = UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD) | UInt32(IN_EXCL_UNLINK)
        let watch = unsafe inotify_add_watch(descriptor, path, mask | always)
        guard watch >= 0 else { throw .system(operation: FilesError.watchOperation, path: path, code: errno) }
        return watch
    }

    func remove(_ watch: Int32) { _ = inotify_rm_watch(descriptor, watch) }

    /// Passes every event that has come to `body`, without waiting.
    func read(_ body: (Event) -> Void) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            while true {
                let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                unsafe parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
            }
        }
    }

    /// Each event is `int wd; uint32_t mask, cookie, len; char name[len]`, the name padded with NULs.
    private func parse(_ bytes: UnsafeRawBufferPointer, _ body: (Event) -> Void) {
        let headerSize = Int(VOX_INOTIFY_HEADER_SIZE)
        var offset = 0
        while offset + headerSize <= bytes.count {
            let watch = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = unsafe bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = unsafe Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            let end = min(offset + headerSize + length, bytes.count)
            let name = unsafe bytes[(offset + headerSize)..<end].prefix { $0 != 0 }
            unsafe body(Event(watch: watch, mask: mask, name: String(decoding: name, as: UTF8.self)))
            offset = end
        }
    }
}
