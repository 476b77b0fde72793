import Files
import Foundation

/// Puts files on the site so that readers see one complete version or the next, never something between.
///
/// The next version is prepared in a hidden folder beside the site (``StagingTree``) and then changes places
/// with it in one system call, `renameat2` with `RENAME_EXCHANGE`. A builder that is killed at any moment
/// leaves a complete version live, and the next one starts from there. Nothing is flushed to the device: a
/// site can be built again, and a publisher that starts after a power cut compares the bytes it finds.
///
/// Files that others put into the site are carried along; a file of ours that is no longer made is removed.
///
/// Where folders cannot change places (the site is a mount point, its parent is not ours to write), each file
/// is replaced by itself: see ``InPlaceTree``.
///
/// Source: rename(2), "RENAME_EXCHANGE".
actor Publisher {
    /// The site's folder: absolute, without symbolic links.
    nonisolated let siteRoot: String

    private let folder: SiteFolder
    private let level: Int32
    private let fault: @Sendable (PublishStep) throws -> Void

    private var staging: StagingTree
    private var manifest: SiteManifest
    private var known: [RelativePath: PublishedFile] = [:]
    /// Which folder is live, to notice that it was replaced behind our back.
    private var liveIdentity: FileIdentity?
    private var canExchange: Bool

    /// Takes the folder for this publisher alone, until it is closed or the process ends.
    ///
    /// - Parameters:
    ///   - siteRoot: an empty folder, a new one, or one that voxsite published to before.
    ///   - sources: folders the site is made from; the site must be apart from them.
    ///   - compressionLevel: of the gzip twins, 1 to 12.
    /// - Throws: ``SiteGenError/output(path:reason:)``.
    init(
        siteRoot: String,
        sources: [String] = [],
        compressionLevel: Int32 = Gzip.defaultLevel
    ) throws(SiteGenError) {
        try self.init(siteRoot: siteRoot, sources: sources, compressionLevel: compressionLevel) { _ in }
    }

    /// The same, failing where a test wants it to.
    init(
        siteRoot: String,
        sources: [String] = [],
        compressionLevel: Int32 = Gzip.defaultLevel,
        fault: @escaping @Sendable (PublishStep) throws -> Void
    ) throws(SiteGenError) {
        let folder = try SiteFolder(siteRoot, sources: sources)
        self.siteRoot = folder.path
        level = compressionLevel
        self.fault = fault
        staging = StagingTree(live: folder.path, staging: folder.stagingPath)
        manifest = folder.manifest
        if !folder.canStage { InPlaceTree.removeLeftovers(below: folder.path) }
        canExchange = folder.canStage
        liveIdentity = FileIdentity.find(folder.path)
        self.folder = folder
    }

    /// Removes the hidden folder and the lock beside the site, when no publish is to follow.
    func close() { folder.cleanUp() }

    /// The files of ours on the site, twins included.
    var paths: Set<RelativePath> { manifest.paths }

    /// Puts `changed` on the site and takes `removed` off it; all other files stay as they are.
    ///
    /// After a failure the site is as it was, and the publisher can be used again.
    ///
    /// - Parameters:
    ///   - changed: files to write where they differ; the last of several for one path counts.
    ///   - removed: files of ours; others are left alone. A path in both is written.
    /// - Returns: what was done.
    /// - Throws: ``SiteGenError/output(path:reason:)``.
    func publish(_ changed: [OutputFile], removed: [RelativePath] = []) async throws -> PublishReport {
        let files = await PreparedFile.prepare(changed, root: siteRoot, known: known, level: level)
        return try apply(files) { _ in removed }
    }

    /// Makes `files` all that the site has of ours: every other file of ours is removed.
    ///
    /// - Parameter files: the whole site.
    /// - Returns: what was done.
    /// - Throws: ``SiteGenError/output(path:reason:)``.
    func publish(complete files: [OutputFile]) async throws -> PublishReport {
        let files = await PreparedFile.prepare(files, root: siteRoot, known: known, level: level)
        return try apply(files) { ours in Array(ours) }
    }

    /// The part that nothing else may come between.
    private func apply(
        _ files: [PreparedFile],
        removing removed: (Set<RelativePath>) -> [RelativePath]
    ) throws -> PublishReport {
        do {
            var lost = try refresh()
            var batch = PublishBatch(
                files,
                removed: removed(manifest.paths),
                manifest: manifest,
                level: level
            )
            do {
                let foreign = canExchange ? staging.foreignFolders() : nil
                // Files are looked for one by one only where somebody else has been at work.
                if foreign?.isEmpty != true { lost.formUnion(manifest.paths.filter { !isOnSite($0) }) }
                try batch.decide(root: siteRoot, lost: lost)
                if canExchange, batch.hasWork {
                    try staging.update(foreign: foreign, replaced: batch.touchedNames, fault: fault)
                    try exchange(&batch)
                }
            } catch let error as FilesError where canExchange && Publisher.meansNoExchange(error) {
                canExchange = false
                try? FileSystem.removeTree(staging.staging)
            }
            if !canExchange {
                try batch.decide(root: siteRoot, lost: lost)
                try InPlaceTree(root: siteRoot, fault: fault).publish(&batch, previous: manifest)
            }
            for path in lost.union(batch.removals) { known[path] = nil }
            known.merge(batch.records) { $1 }
            manifest = batch.manifest
            var report = batch.report
            report.isAtomic = canExchange
            return report
        } catch {
            forget()
            throw described(error)
        }
    }

    /// Stages a batch and switches to it.
    private func exchange(_ batch: inout PublishBatch) throws {
        for path in batch.removals {
            staging.touch(path)
            try fault(.remove(path))
            try TreeWriter.remove(path, below: staging.staging)
        }
        for write in batch.writes {
            staging.touch(write.file.path)
            try fault(.write(write.file.path))
            try batch.write(write, below: staging.staging)
        }
        if batch.manifestIsNew {
            try fault(.manifest)
            let path = try RelativePath(validating: SiteManifest.fileName)
            staging.touch(path)
            _ = try TreeWriter.put(Array(batch.manifest.text.utf8), at: path, below: staging.staging)
        }
        staging.settle()
        try fault(.exchange)
        try FileSystem.exchange(staging.staging, siteRoot)
        liveIdentity = FileIdentity.find(siteRoot)
        try fault(.exchanged)
        let (new, old) = (batch.manifest.paths, manifest.paths)
        try staging.exchanged { name in
            guard name != SiteManifest.fileName, let path = try? RelativePath(validating: name) else {
                return true
            }
            if new.contains(path) || old.contains(path) { return true }
            return old.contains { $0.string.utf8.starts(with: (name + "/").utf8) }
        }
    }

    /// Looks whether the live folder is still the one that was published last.
    ///
    /// - Returns: files of ours that are gone because it is not.
    private func refresh() throws -> Set<RelativePath> {
        let now = FileIdentity.find(siteRoot)
        if let now, let liveIdentity, now.inode == liveIdentity.inode, now.device == liveIdentity.device {
            return []
        }
        if now == nil { try FileSystem.createDirectories(siteRoot) }
        let before = manifest.paths
        forget()
        manifest = try SiteFolder.readManifest(siteRoot)
        liveIdentity = FileIdentity.find(siteRoot)
        return before.filter { !isOnSite($0) }
    }

    private func isOnSite(_ path: RelativePath) -> Bool {
        FileIdentity.find(path.below(siteRoot), followingSymbolicLinks: false) != nil
    }

    /// After a failure nothing that was known about the trees can be relied on.
    private func forget() {
        staging.forget()
        known = [:]
        liveIdentity = nil
    }

    private static func meansNoExchange(_ error: FilesError) -> Bool {
        [EXDEV, EINVAL, ENOSYS, EBUSY, EOPNOTSUPP].contains(error.code)
    }

    /// A failure in the words of the site's folder instead of the hidden one.
    private func described(_ error: any Error) -> any Error {
        guard let error = error as? FilesError else { return error }
        let reason = error.explanation.replacing(staging.staging, with: siteRoot)
        let consolation = canExchange ? "; the published site stays as it was" : ""
        return SiteGenError.output(
            path: error.path.replacing(staging.staging, with: siteRoot),
            reason: reason + consolation
        )
    }
}
