import Files
import Glibc

/// The second-best way to publish, for a site that cannot change places with another folder: each file is
/// replaced by a rename of its own.
///
/// The order keeps every link valid at every moment: what pages refer to comes first, then the pages, then
/// `index.html`; what is no longer referred to goes last. A reader may see pages of two versions side by side.
struct InPlaceTree {
    private static let prefix = ".voxsite-tmp-"

    let root: String
    let fault: (PublishStep) throws -> Void

    /// Writes a batch that has been decided.
    func publish(_ batch: inout PublishBatch, previous: SiteManifest) throws {
        // Until all is done the list names both versions, so nothing of ours can be left behind by a crash.
        var both = previous
        both.paths.formUnion(batch.manifest.paths)
        if batch.manifestIsNew { try write(both) }
        for write in batch.writes.sorted(by: {
            InPlaceTree.rank($0.file.path) < InPlaceTree.rank($1.file.path)
        }) {
            try fault(.write(write.file.path))
            try replace(write, &batch)
        }
        for path in batch.removals {
            try fault(.remove(path))
            try TreeWriter.remove(path, below: root)
        }
        if both != batch.manifest { try write(batch.manifest) }
    }

    /// Removes temporary files that a killed publisher left.
    static func removeLeftovers(below root: String) {
        for entry in (try? DirectoryTree.walk(root)) ?? [] where entry.path.lastComponent.hasPrefix(prefix) {
            try? FileSystem.removeTree(entry.path.below(root))
        }
    }

    /// Writes a file beside the one it replaces, then renames both it and its twin.
    private func replace(_ write: PublishBatch.Write, _ batch: inout PublishBatch) throws {
        let path = write.file.path
        let workshop = "\(root)/\(InPlaceTree.prefix)\(getpid())"
        defer { try? FileSystem.removeTree(workshop) }
        try FileSystem.createDirectories(workshop)
        try batch.write(write, below: workshop)
        try TreeWriter.makeWay(for: path, below: root, keepingFile: true)
        if write.twin != nil {
            let twin = try path.withSuffix(".gz")
            try TreeWriter.makeWay(for: twin, below: root, keepingFile: true)
            try FileSystem.rename(twin.below(workshop), to: twin.below(root))
        }
        try FileSystem.rename(path.below(workshop), to: path.below(root))
    }

    private func write(_ manifest: SiteManifest) throws {
        try fault(.manifest)
        let path = "\(root)/\(SiteManifest.fileName)"
        try AtomicFile.write(Array(manifest.text.utf8), to: path, synchronizing: false)
    }

    /// Later ranks are written later; equal ranks in byte order.
    private static func rank(_ path: RelativePath) -> (Int, RelativePath) {
        if path.string == "index.html" { return (2, path) }
        return (path.string.utf8.suffix(5).elementsEqual(".html".utf8) ? 1 : 0, path)
    }
}
