import Files

/// What is known of a file on the site.
struct PublishedFile: Sendable, Equatable {
    /// Nil for a copied file, which is recognised by its source's size and time.
    let hash: ContentHash?
    let identity: FileIdentity
    /// Nil where it has no gzip file beside it.
    let twin: FileIdentity?
    /// Whether a gzip file is wanted, unless it would not be smaller.
    let isCompressible: Bool

    /// Whether the site still has exactly this.
    func isCurrent(_ path: RelativePath, below root: String) -> Bool {
        guard FileIdentity.find(path.below(root), followingSymbolicLinks: false) == identity else {
            return false
        }
        guard let twin else { return true }
        return FileIdentity.find(path.below(root) + ".gz", followingSymbolicLinks: false) == twin
    }

    /// Looks for a file that holds `bytes`, with or without a gzip file of them.
    static func find(
        _ path: RelativePath,
        below root: String,
        holding bytes: [UInt8],
        _ hash: ContentHash,
        isCompressible: Bool
    ) -> PublishedFile? {
        let full = path.below(root)
        guard let identity = FileIdentity.find(full, followingSymbolicLinks: false), identity.kind == .file,
            identity.size == bytes.count, let found = try? OpenFile.reading(full).readAll(), found == bytes
        else { return nil }
        var twin = isCompressible ? FileIdentity.find(full + ".gz", followingSymbolicLinks: false) : nil
        if let there = twin {
            let contents = there.kind == .file ? try? OpenFile.reading(full + ".gz").readAll() : nil
            if contents.map({ Gzip.isTwin($0, of: bytes) }) != true { twin = nil }
        }
        return PublishedFile(hash: hash, identity: identity, twin: twin, isCompressible: isCompressible)
    }

    /// Looks for a copy of a file with the given size and time.
    static func find(
        _ path: RelativePath,
        below root: String,
        copyOf source: FileIdentity
    ) -> PublishedFile? {
        guard let identity = FileIdentity.find(path.below(root), followingSymbolicLinks: false),
            identity.kind == .file, identity.size == source.size,
            identity.modifiedNanoseconds == source.modifiedNanoseconds
        else { return nil }
        return PublishedFile(hash: nil, identity: identity, twin: nil, isCompressible: false)
    }
}
