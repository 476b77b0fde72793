import Files

/// The photographs among the avatars, as the page shows them while their points are placed.
///
/// One is worked on at a time: a photograph of a camera takes a hundred megabytes to read.
actor AvatarPhotos {
    /// A photograph, upright, and with nothing in the file but the picture: no place, no camera.
    struct Photo: Sendable {
        /// Of the original, in pixels.
        let width: Int
        /// Of the original, in pixels.
        let height: Int
        /// At most ``AvatarPhotos/longestSide`` pixels wide and high.
        let png: [UInt8]
    }

    private struct Key: Hashable {
        let path: String
        let identity: FileIdentity?
    }

    private static let longestSide = 1_280
    /// A few megabytes each.
    private static let limit = 8
    private var seen: [Key: Photo] = [:]

    /// A photograph to be looked at.
    ///
    /// - Parameter path: ends in `.png`, `.jpg` or `.jpeg`.
    /// - Returns: the photograph, perhaps smaller.
    /// - Throws: ``AvatarError``.
    func photo(_ path: String) throws -> Photo {
        let key = Key(path: path, identity: FileIdentity.find(path))
        if let known = seen[key] { return known }
        let image = try RasterImage(contentsOf: path)
        let scale = min(1, Double(Self.longestSide) / Double(max(image.width, image.height)))
        let small = RasterImage(
            width: max(1, Int(Double(image.width) * scale)),
            height: max(1, Int(Double(image.height) * scale))
        ) { $0.draw(image, from: Point(0, 0), scale: scale) }
        let photo = Photo(width: image.width, height: image.height, png: small.png())
        if seen.count >= Self.limit { seen.removeAll() }
        seen[key] = photo
        return photo
    }

    /// What the photograph looks like when it moves.
    ///
    /// - Parameter rig: its points, checked.
    /// - Returns: PNG, as ``PhotoStills/row(of:)`` has it.
    /// - Throws: ``AvatarError``.
    func stills(of rig: PhotoRig) throws -> [UInt8] { try PhotoStills.row(of: rig).png() }

    /// Writes the points of a photograph that moves with them.
    ///
    /// - Parameters:
    ///   - rig: its points, checked.
    ///   - path: the rig's file.
    /// - Throws: ``AvatarError``; the old file is then as it was.
    func save(_ rig: PhotoRig, to path: String) throws {
        _ = try PhotoRenderer(rig: rig, size: PhotoStills.side)
        _ = try rig.write(to: path)
    }
}
