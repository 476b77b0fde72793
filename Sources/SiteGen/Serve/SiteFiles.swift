import Files
import NIOPosix
import Synchronization

/// The files of the site, the often wanted ones in memory.
///
/// What is remembered is never trusted: each request looks at the file's stamp, one `stat(2)`, and reads
/// again what has changed. Reading happens on NIO's thread pool, so that a slow disk holds up nobody else.
final class SiteFiles: Sendable {
    let folder: ServedFolder
    private let policy: ServerConfiguration.CacheControl
    private let cache: Mutex<Cache>

    /// What a path leads to.
    enum Found: Sendable {
        case file(ServedFile)
        case directory
        case nothing
    }

    init(root: String, policy: ServerConfiguration.CacheControl, maximumCacheBytes: Int = 32 << 20) {
        folder = ServedFolder(root: root)
        self.policy = policy
        cache = Mutex(Cache(maximumCost: maximumCacheBytes))
    }

    /// Finds the file at `path`, a checked path below the root.
    func find(_ path: String, asTwin isTwin: Bool = false) async throws -> Found {
        if let known = known(path, asTwin: isTwin) { return known }
        let key = ServedFile.Presentation(path: path, isTwin: isTwin)
        return try await NIOThreadPool.singleton.runIfActive { self.read(key) }
    }

    /// What `path` leads to, as far as one look tells; nil for a file that would have to be read.
    func known(_ path: String, asTwin isTwin: Bool = false) -> Found? {
        switch folder.look(at: path) {
        case .nothing: return .nothing
        case .directory: return .directory
        case .file(let stamp):
            // A stamp that was remembered is one of a file that was opened by the rules, so the same stamp
            // at the same path may be served without opening it again.
            let key = ServedFile.Presentation(path: path, isTwin: isTwin)
            return cache.withLock { $0.file(for: key, stamp: stamp) }.map { .file($0) }
        }
    }

    /// Opens the file of a response that is too large for the memory; nil where it changed since it was found.
    func open(_ path: String, expecting file: ServedFile) -> OpenedFile? {
        guard let opened = folder.open(path), opened.stamp == file.stamp else { return nil }
        return opened
    }

    private func read(_ key: ServedFile.Presentation) -> Found {
        // Three times: a file may be replaced, or grow, while it is being read.
        for _ in 0..<3 {
            guard let opened = folder.open(key.path) else { return .nothing }
            guard let file = ServedFile(reading: opened, as: key, policy: policy) else { continue }
            if !file.stamp.isFresh { cache.withLock { $0.remember(file, for: key) } }
            return .file(file)
        }
        return .nothing
    }
}

/// Least recently used files go first once the budget is spent.
private struct Cache: Sendable {
    private struct Entry: Sendable {
        let file: ServedFile
        var lastUse: UInt64
    }

    private let maximumCost: Int
    private var entries: [ServedFile.Presentation: Entry] = [:]
    private var cost = 0
    private var uses: UInt64 = 0

    init(maximumCost: Int) { self.maximumCost = maximumCost }

    mutating func file(for key: ServedFile.Presentation, stamp: FileStamp) -> ServedFile? {
        guard let index = entries.index(forKey: key), entries.values[index].file.stamp == stamp else {
            return nil
        }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].file
    }

    mutating func remember(_ file: ServedFile, for key: ServedFile.Presentation) {
        uses += 1
        cost += file.cost - (entries[key]?.file.cost ?? 0)
        entries[key] = Entry(file: file, lastUse: uses)
        guard cost > maximumCost else { return }
        // A quarter at once, so that the sorting is paid rarely.
        for (key, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard cost > maximumCost * 3 / 4, entries.count > 1 else { break }
            entries[key] = nil
            cost -= entry.file.cost
        }
    }
}
