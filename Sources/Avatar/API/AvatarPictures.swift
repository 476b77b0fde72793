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

    /// An avatar's name as a part of an address: RFC 3986, section 2.1; nil for one that cannot stand there.
    static func pathComponent(_ id: String) -> String? {
        guard !id.isEmpty, !id.hasPrefix("."), !id.contains("/") else { return nil }
        return id.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
