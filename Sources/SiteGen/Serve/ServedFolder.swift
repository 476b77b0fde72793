import CLinux
import Files
import Glibc

/// The folder that is served, addressed by its path anew for every request: a publisher may exchange the
/// whole tree at any moment.
struct ServedFolder: Sendable {
    let root: String

    /// What stands at a path.
    enum Entry {
        case file(FileStamp)
        case directory
        case nothing
    }

    /// What `stat` tells about `path`, links followed; nothing about whether it may be served.
    func look(at path: String) -> Entry {
        guard let stamp = FileStamp(ofFileAt: root + "/" + path) else { return .nothing }
        return switch stamp.identity.kind {
        case .file: .file(stamp)
        case .directory: .directory
        case .symbolicLink, .other: .nothing
        }
    }

    var exists: Bool { FileIdentity.find(root + "/.")?.kind == .directory }

    /// Opens a regular file below the root; nil where there is none that may be served.
    func open(_ path: String) -> OpenedFile? {
        let folder = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        var descriptor = linux_open_beneath(folder, path)
        // Retried where a rename raced with the kernel's walk; see openat2(2), EAGAIN.
        for _ in 0..<8 where descriptor == -EAGAIN { descriptor = linux_open_beneath(folder, path) }
        if descriptor == -ENOSYS || descriptor == -EPERM {
            descriptor = Self.openFollowingNothing(folder, path)
        }
        guard descriptor >= 0 else { return nil }
        return OpenedFile(descriptor)
    }

    /// For kernels before 5.6 and sandboxes without `openat2`: follows no link at all.
    static func openFollowingNothing(_ folder: Int32, _ path: String) -> Int32 {
        let components = path.split(separator: "/" as Character)
        var current = dup(folder)
        for (index, component) in components.enumerated() where current >= 0 {
            let isLast = index == components.count - 1
            let flags = isLast ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_RDONLY | O_DIRECTORY
            let next =
                component == ".." ? -1 : openat(current, String(component), flags | O_NOFOLLOW | O_CLOEXEC)
            close(current)
            current = next
        }
        return current
    }
}

/// The owner of the descriptor of a regular file.
final class OpenedFile: Sendable {
    let descriptor: Int32
    let stamp: FileStamp

    /// Takes over `descriptor`; nil, closing it, where it is not of a regular file.
    init?(_ descriptor: Int32) {
        guard let stamp = FileStamp(ofDescriptor: descriptor), stamp.identity.kind == .file else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.stamp = stamp
    }

    deinit { close(descriptor) }

    /// Whether the file is still what it was when it was opened.
    var isUnchanged: Bool { FileStamp(ofDescriptor: descriptor) == stamp }

    /// Fills `buffer` from `offset`; fewer bytes where the file ends, nil where it cannot be read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int? {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, offset + done)
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                return nil
            }
        }
        return done
    }

    /// A path by which this very file, whatever became of its name, can be opened again.
    var path: String { "/proc/self/fd/\(descriptor)" }
}
