import Files
import Glibc

/// The journal on disk: `<root>/.voxsite/journal.jsonl`, one line for each state of each file, the last one counts.
///
/// A line is added with one `write(2)` and `fdatasync(2)`. When the file has grown to several times what is still
/// of interest, it is replaced by a short one. A line that was torn by a crash is the last one and is ignored; any
/// other damage sets the whole file aside.
struct JournalFile: ~Copyable, Sendable {
    /// The folder of ours below every destination.
    static let folderName = ".voxsite"
    private static let name = "journal.jsonl"
    /// Below this size nothing is compacted.
    private static let smallLength = 64 << 10
    private static let growthLimit = 4
    /// A longer journal is set aside: 100,000 files need a third of it.
    private static let maximumLength = 256 << 20

    private let path: String
    private var file: OpenFile?
    private var isOpen = false
    private var length = 0
    private let lock: RootLock

    /// What a journal held when it was opened.
    struct Contents: Sendable {
        var entries: [RelativePath: JournalEntry] = [:]
        /// What happened to a damaged journal, for the user to read.
        var problem: String?
        /// How long it is, where it can go on as it is.
        var intactLength: Int?
    }

    private init(path: String, lock: consuming RootLock) {
        self.path = path
        self.lock = lock
        file = nil
    }

    /// Locks, reads and repairs the journal of a destination.
    ///
    /// - Parameters:
    ///   - root: the destination's folder; it exists.
    ///   - contents: gets what the journal says.
    /// - Returns: the open journal.
    /// - Throws: ``CollectorError/selection(_:reason:)`` where another process owns it; ``CollectorError/file(_:)``.
    static func open(root: String, contents: inout Contents) throws(CollectorError) -> JournalFile {
        let folder = root + "/" + folderName
        let path = folder + "/" + name
        do throws(FilesError) {
            try FileSystem.createDirectories(folder, mode: 0o700)
            guard FileIdentity.find(folder, followingSymbolicLinks: false)?.kind == .directory else {
                throw .system(operation: "use the folder", path: folder, code: ELOOP)
            }
        } catch { throw .file(error) }
        var journal = JournalFile(path: path, lock: try RootLock(folder + "/lock", root: root))
        do throws(FilesError) {
            contents = try load(path)
            // Torn lines and wrong permissions are left behind: a fresh file goes on from there.
            if let length = contents.intactLength {
                try journal.goOn(from: length)
            } else {
                try journal.rewrite(contents.entries)
            }
        } catch { throw .file(error) }
        return journal
    }

    // MARK: Reading

    private static func load(_ path: String) throws(FilesError) -> Contents {
        guard let identity = FileIdentity.find(path, followingSymbolicLinks: false) else { return Contents() }
        guard identity.kind == .file, identity.size <= maximumLength else {
            return try setAside(path, [:], why: "it is no journal")
        }
        var contents = try read(
            path,
            OpenFile(path, flags: O_RDONLY | O_NOFOLLOW, operation: "read").readAll()
        )
        if identity.mode & 0o7777 != 0o600 { contents.intactLength = nil }
        return contents
    }

    private static func read(_ path: String, _ bytes: [UInt8]) throws(FilesError) -> Contents {
        var contents = Contents()
        var start = bytes.startIndex
        var number = 1
        var damaged: Int?
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let entry = JournalLine.decode(bytes[start..<end]) {
                contents.entries[entry.path] = entry
            } else if damaged == nil {
                damaged = number
            }
            start = end + 1
            number += 1
        }
        guard let damaged else {
            if start == bytes.endIndex { contents.intactLength = bytes.count }
            return contents
        }
        return try setAside(path, contents.entries, why: "line \(damaged) is damaged")
    }

    /// Keeps a damaged journal under another name.
    ///
    /// Of what it says, only the numbers of generations are taken: everything else follows from the files, which
    /// are compared with their sources from the first byte on.
    private static func setAside(
        _ path: String,
        _ entries: [RelativePath: JournalEntry],
        why: String
    ) throws(FilesError) -> Contents {
        var number = 1
        while FileIdentity.find("\(path).damaged\(number)", followingSymbolicLinks: false) != nil {
            number += 1
        }
        let kept = "\(path).damaged\(number)"
        try FileSystem.renameWithoutReplacing(path, to: kept)
        var contents = Contents()
        for entry in entries.values {
            contents.entries[entry.path] = JournalEntry(
                source: entry.source,
                path: entry.path,
                generation: max(entry.generation, entry.pending?.number ?? 0)
            )
        }
        contents.problem =
            "\(path): \(why); it is kept as \(FileSystem.name(of: kept)), and the collected files are compared "
            + "with their sources again"
        return contents
    }

    // MARK: Writing

    /// Adds states, durably.
    ///
    /// - Parameters:
    ///   - changed: the new states.
    ///   - all: every state that counts, those included.
    /// - Throws: `FilesError`; the states then count as not recorded.
    mutating func append(
        _ changed: [JournalEntry],
        all: [RelativePath: JournalEntry]
    ) throws(FilesError) {
        var lines: [UInt8] = []
        for entry in changed { lines.append(contentsOf: JournalLine.encode(entry)) }
        let live = all.count * 320
        guard isOpen, length + lines.count <= max(Self.smallLength, Self.growthLimit * live) else {
            return try rewrite(all)
        }
        do throws(FilesError) {
            try write(lines)
            length += lines.count
        } catch {
            // After a failed flush this descriptor can no longer be believed, and after a failed write half a
            // line may stand there: the next time everything is written anew.
            isOpen = false
            throw error
        }
    }

    private func write(_ lines: [UInt8]) throws(FilesError) {
        switch file {
        case .none: return
        case .some(let file):
            try file.write(lines)
            guard fdatasync(file.descriptor) == 0 else {
                throw .system(operation: "save", path: path, code: errno)
            }
        }
    }

    private mutating func goOn(from length: Int) throws(FilesError) {
        file = try OpenFile(path, flags: O_WRONLY | O_APPEND | O_NOFOLLOW, operation: "write")
        self.length = length
        isOpen = true
    }

    private mutating func rewrite(_ entries: [RelativePath: JournalEntry]) throws(FilesError) {
        isOpen = false
        var lines: [UInt8] = []
        for path in entries.keys.sorted() {
            guard let entry = entries[path] else { continue }
            lines.append(contentsOf: JournalLine.encode(entry))
        }
        try AtomicFile.write(lines, to: path)
        guard chmod(path, 0o600) == 0 else {
            throw .system(operation: "set the permissions", path: path, code: errno)
        }
        file = try OpenFile(path, flags: O_WRONLY | O_APPEND | O_NOFOLLOW, operation: "write")
        length = lines.count
        isOpen = true
    }
}
