import Files
import Glibc

/// The tree beside the live one in which the next version is prepared: hard links to every file of the live
/// tree, so preparing costs what changes, not what there is.
///
/// After a switch the two trees have changed places, so the staging tree is one version behind. It is brought
/// up to date one folder at a time, and only where something can differ: where the last version changed it
/// (`dirty`), or where the folder's own time says that somebody else added, renamed or removed an entry.
/// Nothing is ever written into a file here: files may be the live ones.
struct StagingTree: Sendable {
    /// Folders below the root; the root itself is "".
    typealias Folder = String

    let live: String
    let staging: String
    /// Folders in which the trees may differ.
    private(set) var dirty: Set<Folder> = []
    /// When each folder last changed, in nanoseconds, as of the last look; live and staging.
    private var liveTimes: [Folder: Int64] = [:]
    private var stagingTimes: [Folder: Int64] = [:]
    /// Whether nothing is known yet.
    private(set) var isUnknown = true
    /// Files that the running update may leave as they are.
    private var replaced: Set<String> = []

    init(live: String, staging: String) {
        self.live = live
        self.staging = staging
    }

    /// Forgets everything, so that the next update compares every folder.
    mutating func forget() { self = StagingTree(live: live, staging: staging) }

    /// Looks in which folders of the live tree somebody else added, renamed or removed something.
    ///
    /// - Returns: those folders; nil where it could be any.
    func foreignFolders() -> Set<Folder>? {
        if isUnknown { return nil }
        var foreign: Set<Folder> = []
        for (folder, time) in liveTimes {
            let now = FileIdentity.find(path(live, folder), followingSymbolicLinks: false)
            if now?.kind != .directory || now?.modifiedNanoseconds != time { foreign.insert(folder) }
        }
        return foreign
    }

    /// Makes the staging tree equal to the live one, but for files that are about to be replaced anyway.
    ///
    /// - Parameters:
    ///   - foreign: what ``foreignFolders()`` found.
    ///   - replaced: paths that need not be right.
    ///   - fault: called before each folder.
    /// - Throws: ``FilesError`` and what `fault` throws; the tree must then be forgotten.
    mutating func update(
        foreign: Set<Folder>?,
        replaced: Set<String>,
        fault: (PublishStep) throws -> Void
    ) throws {
        self.replaced = replaced
        defer { self.replaced = [] }
        guard let foreign else {
            try mirror("", isDeep: true, fault: fault)
            isUnknown = false
            return
        }
        let pending = dirty.union(foreign)
        dirty = []
        for folder in pending.sorted() { try mirror(folder, isDeep: false, fault: fault) }
    }

    /// Notes that the file at `path` of the staging tree is about to be written or removed.
    ///
    /// With it the folders it is in may come or go.
    mutating func touch(_ path: RelativePath) {
        var folder = path.parent
        while let current = folder {
            dirty.insert(current.string)
            folder = current.parent
        }
        dirty.insert("")
    }

    /// Takes down the folders' times after everything is staged.
    mutating func settle() {
        for folder in dirty {
            let identity = FileIdentity.find(path(staging, folder), followingSymbolicLinks: false)
            stagingTimes[folder] = identity?.modifiedNanoseconds
            if identity == nil { liveTimes[folder] = nil }
        }
    }

    /// Follows the switch: what was staged is live.
    ///
    /// Carries over what somebody else added to the old version between the update and the switch.
    ///
    /// - Parameter isOurs: whether a path is one that the publisher makes or has just removed.
    /// - Throws: ``FilesError``; the tree must then be forgotten.
    mutating func exchanged(isOurs: (String) -> Bool) throws {
        swap(&liveTimes, &stagingTimes)
        for (folder, time) in stagingTimes {
            let old = path(staging, folder)
            guard let now = FileIdentity.find(old, followingSymbolicLinks: false), now.kind == .directory,
                now.modifiedNanoseconds != time
            else { continue }
            dirty.insert(folder)
            guard FileIdentity.find(path(live, folder))?.kind == .directory else { continue }
            for entry in try DirectoryTree.names(in: old) {
                if isOurs(folder.isEmpty ? entry.name : "\(folder)/\(entry.name)") { continue }
                let (source, target) = ("\(old)/\(entry.name)", "\(path(live, folder))/\(entry.name)")
                // Whatever stands there already is what was carried along before.
                if try kind(of: entry, in: old) == .directory {
                    try? FileSystem.renameWithoutReplacing(source, to: target)
                } else {
                    try? FileSystem.link(source, to: target)
                }
            }
        }
    }

    private func path(_ root: String, _ folder: Folder) -> String {
        folder.isEmpty ? root : "\(root)/\(folder)"
    }

    /// Makes one folder of the staging tree hold what the live one does.
    private mutating func mirror(
        _ folder: Folder,
        isDeep: Bool,
        fault: (PublishStep) throws -> Void
    ) throws {
        try fault(.mirror(folder))
        let (source, target) = (path(live, folder), path(staging, folder))
        guard let identity = FileIdentity.find(source, followingSymbolicLinks: false),
            identity.kind == .directory
        else {
            // Its parent, which changed as well, removes it there.
            liveTimes[folder] = nil
            stagingTimes[folder] = nil
            return
        }
        // Before the listing: what changes after it shows as a later time.
        liveTimes[folder] = identity.modifiedNanoseconds
        if identity.isYoung { dirty.insert(folder) }

        var isChanged = try prepareFolder(target, like: identity)
        let wanted = try DirectoryTree.names(in: source)
        var present: [String: DirectoryTree.Name] = [:]
        for name in try DirectoryTree.names(in: target) { present[name.name] = name }
        for entry in wanted {
            guard entry.isUTF8 else {
                throw SiteGenError.output(
                    path: "\(source)/\(entry.name)",
                    reason: "its name is not UTF-8, so it cannot be carried along; rename it or move it away"
                )
            }
            let existing = present.removeValue(forKey: entry.name)
            let inner = folder.isEmpty ? entry.name : "\(folder)/\(entry.name)"
            if try kind(of: entry, in: source) == .directory {
                let isThere = try existing.map { try kind(of: $0, in: target) } == .directory
                if isThere, !isDeep, stagingTimes[inner] != nil { continue }
                isChanged = isChanged || !isThere
                if !isThere, existing != nil { try FileSystem.removeTree("\(target)/\(entry.name)") }
                try mirror(inner, isDeep: true, fault: fault)
            } else if existing?.inode != entry.inode, !replaced.contains(inner) {
                isChanged =
                    try carry("\(source)/\(entry.name)", "\(target)/\(entry.name)", existing) || isChanged
            }
        }
        for name in present.keys.sorted() {
            isChanged = true
            try FileSystem.removeTree("\(target)/\(name)")
        }
        stagingTimes[folder] = FileIdentity.find(target)?.modifiedNanoseconds
        // A folder just written has a time too young to tell a further change by.
        if isChanged { dirty.insert(folder) }
    }

    /// Makes sure that a folder of the staging tree is one, with the permissions of its counterpart.
    private func prepareFolder(_ path: String, like identity: FileIdentity) throws -> Bool {
        let existing = FileIdentity.find(path, followingSymbolicLinks: false)
        if let existing, existing.kind == .directory {
            if existing.mode != identity.mode { try FileSystem.setMode(of: path, like: identity) }
            return false
        }
        if existing != nil { try FileSystem.removeTree(path) }
        try FileSystem.createDirectories(path)
        try FileSystem.setMode(of: path, like: identity)
        return true
    }

    private func kind(of name: DirectoryTree.Name, in folder: String) throws -> FileIdentity.Kind? {
        name.kind ?? FileIdentity.find("\(folder)/\(name.name)", followingSymbolicLinks: false)?.kind
    }

    /// Gives the staging tree the file that the live one has.
    ///
    /// - Returns: whether anything had to be done.
    private func carry(_ source: String, _ target: String, _ existing: DirectoryTree.Name?) throws -> Bool {
        if existing != nil { try FileSystem.removeTree(target) }
        do throws(FilesError) {
            try FileSystem.link(source, to: target)
        } catch {
            switch error.code {
            case ENOENT: return false
            // Somebody else's file on a system that protects those from being linked, or one with too many
            // links. The copy is ours, so it can be linked from then on.
            case EPERM, EMLINK, EACCES: _ = try TreeWriter.copy(OpenFile.reading(source), to: target)
            default: throw error
            }
        }
        return true
    }
}
