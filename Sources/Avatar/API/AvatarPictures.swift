import Files

/// Small pictures of avatars at rest, drawn once.
actor AvatarPictures {
    private struct Key: Hashable {
        let path: String
        let identity: FileIdentity
    }

    private var drawn: [Key: [UInt8]] = [:]
    private static let side = 192
    private static let limit = 64

    /// A picture of an avatar.
    ///
    /// - Parameters:
    ///   - entry: the avatar.
    ///   - library: where it comes from.
    /// - Returns: PNG.
    /// - Throws: as ``AvatarLibrary/skin(_:size:)``.
    func png(of entry: AvatarLibrary.Entry, in library: AvatarLibrary) throws -> [UInt8] {
        guard let identity = FileIdentity.find(entry.path) else {
            throw AvatarError.avatarUnknown(id: entry.id, known: library.entries.map(\.id))
        }
        let key = Key(path: entry.path, identity: identity)
        if let known = drawn[key] { return known }
        var frame = MotionFrame()
        frame.smile = 0.35
        let picture = try library.skin(entry.id, size: Self.side).render(frame).png()
        if drawn.count >= Self.limit { drawn.removeAll() }
        drawn[key] = picture
        return picture
    }

    /// An avatar's name as a part of an address; nil for one that cannot stand there.
    static func pathComponent(_ id: String) -> String? {
        let isPlain = id.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || [0x2D, 0x2E, 0x5F].contains($0)
        }
        return isPlain && !id.isEmpty && !id.hasPrefix(".") ? id : nil
    }
}
