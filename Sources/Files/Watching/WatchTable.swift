import Glibc

/// Which folder each watch stands for, kept right while folders come, move and go.
struct WatchTable: Sendable {
    /// What a watched folder is watched for; one folder may serve several roots.
    enum Role: Sendable, Hashable {
        /// It is the root (nil) or a folder below it.
        case tree(root: Int, RelativePath?)
        /// It is the nearest existing folder above the root; `name` is the next one on the way down.
        case guarding(root: Int, name: String)

        var root: Int {
            switch self {
            case .tree(let root, _), .guarding(let root, _): root
            }
        }
    }

    private let roots: [String]
    private let inotify: Inotify
    private var roles: [Int32: Set<Role>] = [:]

    private static let treeMask =
        guardMask | UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ATTRIB)
    private static let guardMask =
        UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
        | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)

    /// Watches `roots` with all folders below them.
    init(roots: [String], inotify: Inotify, changes: inout FileWatcher.Changes) throws(FilesError) {
        self.roots = roots.map(WatchTable.absolute)
        self.inotify = inotify
        for root in roots.indices { attach(root, &changes) }
        let fatal = changes.problems.first { $0.code == ENOSPC || $0.code == ENOMEM }
        if let fatal { throw fatal }
    }

    /// Takes in one event: notes what changed, and watches or forgets folders.
    mutating func handle(_ event: Inotify.Event, _ changes: inout FileWatcher.Changes) {
        if event.hasOverflowed {
            // Folders made meanwhile have no watch yet: begin anew.
            for root in roots.indices { attach(root, &changes) }
            changes.needsRescan = true
            return
        }
        guard let roles = roles[event.watch] else { return }
        for role in roles.sorted(by: { $0.root < $1.root }) {
            switch role {
            case .guarding(let root, let name): guardEvent(event, root, name, &changes)
            case .tree(let root, let folder): treeEvent(event, root, folder, &changes)
            }
        }
        if event.has(Int32(IN_IGNORED)) { self.roles[event.watch] = nil }
    }

    private mutating func guardEvent(
        _ event: Inotify.Event,
        _ root: Int,
        _ name: String,
        _ changes: inout FileWatcher.Changes
    ) {
        guard event.name.isEmpty || event.name == name else { return }
        guard event.mask & WatchTable.guardMask != 0 else { return }
        attach(root, &changes)
        changes.needsRescan = true
    }

    private mutating func treeEvent(
        _ event: Inotify.Event,
        _ root: Int,
        _ folder: RelativePath?,
        _ changes: inout FileWatcher.Changes
    ) {
        if event.name.isEmpty {
            if event.has(Int32(IN_DELETE_SELF | IN_MOVE_SELF)), folder == nil {
                attach(root, &changes)
                changes.needsRescan = true
            }
            return
        }
        guard let path = WatchTable.path(folder, event.name) else { return }
        changes.insert(path, of: root)
        guard event.isDirectory else { return }
        if event.has(Int32(IN_MOVED_FROM | IN_DELETE)) { forget(root, below: path) }
        if event.has(Int32(IN_CREATE | IN_MOVED_TO)) { watch(root, path, &changes) }
    }

    /// Watches one root from scratch, and the way to it.
    private mutating func attach(_ root: Int, _ changes: inout FileWatcher.Changes) {
        forget(root, below: nil)
        var name = FileSystem.name(of: roots[root])
        var ancestor = FileSystem.folder(of: roots[root])
        var absent: String?
        while true {
            if FileIdentity.find(ancestor)?.kind == .directory {
                if add(ancestor, mask: WatchTable.guardMask, .guarding(root: root, name: name), &changes) {
                    break
                }
            } else {
                absent = ancestor
            }
            if ancestor == "/" { break }
            name = FileSystem.name(of: ancestor)
            ancestor = FileSystem.folder(of: ancestor)
        }
        watch(root, nil, &changes)
        // Made between the look and the watch: a nearer folder exists now, so the guard moves down to it.
        if let absent, FileIdentity.find(absent)?.kind == .directory { attach(root, &changes) }
    }

    /// Watches a folder of a root with those below it, and reports what is in them.
    ///
    /// It may have been made before the watch was there.
    private mutating func watch(_ root: Int, _ folder: RelativePath?, _ changes: inout FileWatcher.Changes) {
        let path = folder?.below(roots[root]) ?? roots[root]
        // Only a root may be reached through a symbolic link.
        let mask = WatchTable.treeMask | (folder == nil ? 0 : UInt32(IN_DONT_FOLLOW))
        guard add(path, mask: mask, .tree(root: root, folder), &changes) else { return }
        let names: [DirectoryTree.Name]
        do {
            names = try DirectoryTree.names(in: path)
        } catch {
            return note(error, &changes)
        }
        for name in names {
            guard name.isUTF8, let inner = WatchTable.path(folder, name.name) else { continue }
            changes.insert(inner, of: root)
            let inside = inner.below(roots[root])
            let kind = name.kind ?? FileIdentity.find(inside, followingSymbolicLinks: false)?.kind
            if kind == .directory { watch(root, inner, &changes) }
        }
    }

    private mutating func add(
        _ path: String,
        mask: UInt32,
        _ role: Role,
        _ changes: inout FileWatcher.Changes
    ) -> Bool {
        do {
            roles[try inotify.add(path, mask: mask), default: []].insert(role)
            return true
        } catch {
            note(error, &changes)
            return false
        }
    }

    /// Forgets what is watched of a root at and below `folder`; nil means all, its guard too.
    private mutating func forget(_ root: Int, below folder: RelativePath?) {
        for (watch, set) in roles {
            let kept = set.filter { role in
                guard role.root == root else { return true }
                guard let folder else { return false }
                guard case .tree(_, let path?) = role else { return true }
                return path != folder && !path.string.utf8.starts(with: (folder.string + "/").utf8)
            }
            guard kept.count < set.count else { continue }
            roles[watch] = kept.isEmpty ? nil : kept
            if kept.isEmpty { inotify.remove(watch) }
        }
    }

    /// What vanishes again at once is no problem; the rest somebody should read, once.
    private func note(_ error: FilesError, _ changes: inout FileWatcher.Changes) {
        guard error.code != ENOENT, error.code != ENOTDIR, !changes.problems.contains(error) else { return }
        changes.problems.append(error)
    }

    private static func path(_ folder: RelativePath?, _ name: String) -> RelativePath? {
        folder.map { try? $0.appending(name) } ?? (try? RelativePath(validating: name))
    }

    /// `path` from the file system's root, without `.` and doubled slashes.
    private static func absolute(_ path: String) -> String {
        var full = path
        if path.utf8.first != UInt8(ascii: "/"), let current = FileSystem.currentDirectory {
            full = current + "/" + path
        }
        let parts = full.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        return "/" + parts.map { String(Substring($0)) }.joined(separator: "/")
    }
}
