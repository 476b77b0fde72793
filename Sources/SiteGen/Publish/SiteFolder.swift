import Files
import Glibc

/// The folder a site is published to, checked and locked for one publisher.
struct SiteFolder: ~Copyable, Sendable {
    /// Absolute, without symbolic links.
    let path: String
    /// The hidden folder beside it in which the next version is prepared.
    let stagingPath: String
    /// Whether the folder beside the site can be used at all.
    let canStage: Bool
    let manifest: SiteManifest
    private let lockPath: String
    private let lock: OpenFile

    /// Checks and locks the folder, making it where it is missing.
    ///
    /// - Parameters:
    ///   - path: as the user gave it.
    ///   - sources: folders the site is made from; the site must neither lie in one nor contain one.
    /// - Throws: ``SiteGenError/output(path:reason:)``.
    init(_ path: String, sources: [String]) throws(SiteGenError) {
        let check: Check
        do throws(FilesError) {
            check = try SiteFolder.check(path, sources)
        } catch {
            throw .output(path: error.path, reason: error.explanation)
        }
        let lock: OpenFile
        do throws(FilesError) {
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW
            lock = try OpenFile(check.lockPath, flags: flags, mode: 0o600, operation: "write")
        } catch {
            throw .output(path: error.path, reason: error.explanation)
        }
        guard lock.tryLock() else {
            let reason =
                "another voxsite is publishing to it; stop that one, or choose another folder with -o"
            throw .output(path: path, reason: reason)
        }
        self.path = check.path
        stagingPath = check.stagingPath
        canStage = check.canStage
        manifest = check.manifest
        lockPath = check.lockPath
        self.lock = lock
    }

    private struct Check {
        let path: String
        let stagingPath: String
        let canStage: Bool
        let manifest: SiteManifest
        let lockPath: String
    }

    private static func check(_ path: String, _ sources: [String]) throws(FilesError) -> Check {
        guard !path.isEmpty else {
            throw .unsafePath(path, reason: "the site's folder has no name; give one with -o")
        }
        if FileIdentity.find(path) == nil { try FileSystem.createDirectories(path) }
        let resolved = try FileSystem.resolve(path)
        try refuseFile(resolved)
        try refuseOverlap(resolved, sources)
        let manifest = try readManifest(resolved)

        let (parent, name) = (FileSystem.folder(of: resolved), FileSystem.name(of: resolved))
        let beside = parent == "/" ? "/." : "\(parent)/."
        let isMountPoint = FileIdentity.find(parent)?.device != FileIdentity.find(resolved)?.device
        let canStage = resolved != "/" && !isMountPoint && access(parent, W_OK | X_OK) == 0
        return Check(
            path: resolved,
            stagingPath: "\(beside)\(name).voxsite-next",
            canStage: canStage,
            manifest: manifest,
            lockPath: canStage ? "\(beside)\(name).voxsite-lock" : "\(resolved)/.voxsite-lock"
        )
    }

    /// Removes what only a running publisher needs.
    func cleanUp() {
        try? FileSystem.removeTree(stagingPath)
        try? FileSystem.removeFile(lockPath)
    }

    private static func refuseFile(_ path: String) throws(FilesError) {
        guard FileIdentity.find(path)?.kind == .directory else {
            let reason = "it is a file, and a site needs a folder; move it away or choose another with -o"
            throw .unsafePath(path, reason: reason)
        }
    }

    private static func refuseOverlap(_ path: String, _ sources: [String]) throws(FilesError) {
        for source in sources {
            guard let resolved = try? FileSystem.resolve(source) else { continue }
            let isInside = (path + "/").utf8.starts(with: (resolved + "/").utf8)
            let contains = (resolved + "/").utf8.starts(with: (path + "/").utf8)
            guard !isInside, !contains else {
                let relation = isInside ? "it lies in" : "it contains"
                let reason =
                    "\(relation) \(resolved), from which the site is made; choose another folder with -o"
                throw .unsafePath(path, reason: reason)
            }
        }
    }

    /// The manifest of a folder that may be written to: empty where the folder is.
    static func readManifest(_ path: String) throws(FilesError) -> SiteManifest {
        let names = try DirectoryTree.names(in: path).map(\.name)
        let manifestPath = "\(path)/\(SiteManifest.fileName)"
        guard names.contains(SiteManifest.fileName) else {
            let harmless: Set = ["lost+found", ".voxsite-lock"]
            guard harmless.isSuperset(of: names) else {
                let reason =
                    "the folder is not empty and was not made by voxsite; choose an empty or a new one with -o, "
                    + "or hand this one over: touch '\(manifestPath)' (your files in it are kept)"
                throw .unsafePath(path, reason: reason)
            }
            return SiteManifest()
        }
        let bytes = try OpenFile.reading(manifestPath).readAll(limit: 1 << 28)
        guard let manifest = SiteManifest(String(decoding: bytes, as: UTF8.self)) else {
            let reason =
                "it was written by another version of voxsite; remove it, or choose another folder with -o"
            throw .unsafePath(manifestPath, reason: reason)
        }
        return manifest
    }
}
