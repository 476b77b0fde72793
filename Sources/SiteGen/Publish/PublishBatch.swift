import Files

/// One publish: what is given, what of it has to be done, and what was done.
struct PublishBatch {
    /// One file to be written, with its twin.
    struct Write {
        let file: PreparedFile
        let twin: [UInt8]?
    }

    private(set) var report = PublishReport()
    /// The manifest of the version being made.
    private(set) var manifest: SiteManifest
    /// In byte order.
    private(set) var writes: [Write] = []
    private(set) var removals: [RelativePath] = []
    /// Whether the manifest on the site is to be replaced.
    private(set) var manifestIsNew = false
    /// What will be known of the given files once the version is live.
    private(set) var records: [RelativePath: PublishedFile] = [:]

    private let files: [RelativePath: PreparedFile]
    private let requestedRemovals: Set<RelativePath>
    private let previous: SiteManifest
    private let level: Int32

    init(_ files: [PreparedFile], removed: [RelativePath], manifest: SiteManifest, level: Int32) {
        self.files = Dictionary(files.map { ($0.path, $0) }) { $1 }
        requestedRemovals = Set(removed)
        previous = manifest
        self.manifest = manifest
        self.level = level
    }

    var hasWork: Bool { !writes.isEmpty || !removals.isEmpty || manifestIsNew }

    /// Works out what differs from what is on the site.
    ///
    /// - Parameters:
    ///   - root: the live site.
    ///   - lost: files of ours that somebody else has removed.
    /// - Throws: ``SiteGenError/output(path:reason:)`` for a path that cannot be published.
    mutating func decide(root: String, lost: Set<RelativePath>) throws {
        let gzip = Gzip(level: level)
        (report, writes, removals, records, manifest) = (PublishReport(), [], [], [:], previous)
        var kept: Set<RelativePath> = []
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            try PublishBatch.refuseReserved(path)
            // Only what is compressed needs room for the ending in its name.
            let twinPath = try? path.withSuffix(".gz")
            if let warnings = file.contents.warningsOfAbsence {
                report.skipped += warnings
                // The last good copy stays.
                kept.formUnion(previous.paths.intersection([path, twinPath ?? path]).subtracting(lost))
                continue
            }
            kept.insert(path)
            if let match = file.match, match.isCurrent(path, below: root) {
                report.unchanged += 1
                records[path] = match
                if let twinPath, match.twin != nil { kept.insert(twinPath) }
                continue
            }
            var twin = file.twin
            if file.match != nil, file.isCompressible, case .bytes(let bytes, _) = file.contents {
                // Something else came there after the file was prepared.
                twin = gzip.twin(of: bytes)
            }
            writes.append(Write(file: file, twin: twin))
            report.written.append(path)
            if let twinPath, twin != nil { kept.insert(twinPath) }
        }
        var unwanted = requestedRemovals.union(files.keys)
        for path in unwanted { if let twin = try? path.withSuffix(".gz") { unwanted.insert(twin) } }
        removals = unwanted.intersection(previous.paths).subtracting(kept).sorted()

        manifest.paths.subtract(lost)
        manifest.paths.subtract(removals)
        manifest.paths.formUnion(kept)
        report.removed = removals.filter { !isTwin($0) }
        report.lost = lost.filter { !kept.contains($0) && !removals.contains($0) && !isTwin($0, lost) }
            .sorted()
        let onSite = FileIdentity.find("\(root)/\(SiteManifest.fileName)", followingSymbolicLinks: false)
        manifestIsNew = manifest != previous || onSite?.kind != .file
    }

    /// The paths that writing will replace.
    var touchedNames: Set<String> {
        var names: Set<String> = []
        for write in writes {
            names.insert(write.file.path.string)
            if write.twin != nil { names.insert(write.file.path.string + ".gz") }
        }
        return names
    }

    /// Writes one file and its twin below `root` as new files and takes down what will be known of them.
    mutating func write(_ write: Write, below root: String) throws {
        let (file, path) = (write.file, write.file.path)
        let identity: FileIdentity
        let hash: ContentHash?
        switch file.contents {
        case .bytes(let bytes, let contentHash):
            identity = try TreeWriter.put(bytes, at: path, below: root)
            hash = contentHash
        case .copy(let source, let folder, _):
            identity = try TreeWriter.put(copyOf: source, below: folder, at: path, root: root)
            hash = nil
        case .unreadable, .gone: return
        }
        let twin = try write.twin.map {
            try TreeWriter.put($0, at: try path.withSuffix(".gz"), below: root)
        }
        records[path] = PublishedFile(
            hash: hash,
            identity: identity,
            twin: twin,
            isCompressible: file.isCompressible
        )
        report.bytesWritten += identity.size + (twin?.size ?? 0)
    }

    /// Whether a path is the gzip file beside another file of ours.
    private func isTwin(_ path: RelativePath, _ lost: Set<RelativePath> = []) -> Bool {
        guard path.string.utf8.suffix(3).elementsEqual(".gz".utf8),
            let original = try? RelativePath(validating: String(path.string.dropLast(3)))
        else { return false }
        return previous.paths.contains(original) || lost.contains(original) || files[original] != nil
    }

    private static func refuseReserved(_ path: RelativePath) throws(SiteGenError) {
        guard path.string.utf8.starts(with: ".voxsite".utf8) else { return }
        throw .output(
            path: path.string,
            reason: "names that begin with .voxsite are kept for the site's manifest"
        )
    }
}
