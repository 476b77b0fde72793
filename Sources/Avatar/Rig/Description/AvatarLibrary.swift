import Files

/// The avatars that there are: drawn ones (`*.avatar.json`) and photographs with their landmarks (`*.rig.json`).
public struct AvatarLibrary: Sendable {
    /// What an avatar is made of.
    public enum Kind: String, Sendable, Codable {
        /// A file that draws a person.
        case drawn
        /// A photograph and where its eyes and mouth are.
        case photo
        /// A photograph whose landmarks have not been placed: it cannot be moved yet.
        case unplaced
    }

    /// One avatar.
    public struct Entry: Sendable, Equatable, Codable {
        /// What it is asked for by.
        public var id: String
        /// What people call it.
        public var name: String
        /// A sentence about it.
        public var about: String
        /// What it is made of.
        public var kind: Kind
        /// Its file.
        public var path: String
    }

    /// The avatars in the order of their folders and names; of equal ids the first counts.
    public let entries: [Entry]
    /// Files that look like avatars and cannot be used.
    public let problems: [AvatarError]

    /// Reads what is in folders.
    ///
    /// A file that cannot be used costs only itself.
    ///
    /// - Parameter folders: the user's first; missing ones are passed over.
    public init(folders: [String]) {
        var entries: [Entry] = []
        var problems: [AvatarError] = []
        for folder in folders {
            for name in Self.names(in: folder, &problems) {
                do throws(AvatarError) {
                    guard let entry = try Self.entry(folder, name) else { continue }
                    if !entries.contains(where: { $0.id == entry.id }) { entries.append(entry) }
                } catch {
                    problems.append(error)
                }
            }
        }
        self.entries = entries
        self.problems = problems
    }

    /// An avatar.
    ///
    /// - Parameter id: as in ``entries``.
    /// - Returns: the avatar.
    /// - Throws: ``AvatarError/avatarUnknown(id:known:)``, or what is wrong with the file of that name.
    func entry(_ id: String) throws(AvatarError) -> Entry {
        if let entry = entries.first(where: { $0.id == id }) { return entry }
        let named = problems.first { problem in
            guard !id.isEmpty, let path = problem.avatarPath else { return false }
            return FileSystem.name(of: path).hasPrefix("\(id).")
        }
        // Without any avatar, a file that cannot be read may be the very one.
        if let problem = named ?? (entries.isEmpty ? problems.first : nil) { throw problem }
        throw .avatarUnknown(id: id, known: entries.map(\.id))
    }

    /// The face of an avatar.
    ///
    /// - Parameters:
    ///   - id: as in ``entries``.
    ///   - size: the side of the pictures in pixels, within ``PortraitRenderer/sizes``.
    /// - Returns: what draws it.
    /// - Throws: ``AvatarError/avatarUnknown(id:known:)``, ``AvatarError/avatarInvalid(path:field:reason:)``,
    ///   ``AvatarError/picture(path:reason:)``, ``AvatarError/clipRefused(reason:)`` for a size that is not drawn.
    public func skin(_ id: String, size: Int) throws(AvatarError) -> any FaceSkin {
        guard PortraitRenderer.sizes.contains(size) else {
            let sizes = PortraitRenderer.sizes
            throw .clipRefused(reason: "\(size) pixels; \(sizes.lowerBound) to \(sizes.upperBound) are drawn")
        }
        let entry = try entry(id)
        switch entry.kind {
        case .drawn: return PortraitRenderer(try AvatarDescription(contentsOf: entry.path), size: size)
        case .photo: return try PhotoRenderer(rig: PhotoRig(contentsOf: entry.path), size: size)
        case .unplaced: throw Self.unplaced(entry)
        }
    }

    /// What is said of a photograph whose points have not been placed: the command works from where this one was given.
    static func unplaced(_ entry: Entry) -> AvatarError {
        // Not to be taken for an option.
        let path = entry.path.hasPrefix("-") ? "./\(entry.path)" : entry.path
        let command = ShellText.readable(["voxsite", "avatar", "rig", path])
        return .picture(
            path: entry.path,
            reason:
                "where its eyes and mouth are is not known; place the points on the page speak/ of a server that was "
                + "started with --avatars, or run: \(command)"
        )
    }

    /// What may be an avatar by its name, in byte order; nothing is opened.
    ///
    /// A name that no message can show and no address can hold costs only its own file.
    private static func names(in folder: String, _ problems: inout [AvatarError]) -> [String] {
        let found: [DirectoryTree.Name]
        do throws(FilesError) {
            found = try DirectoryTree.names(in: folder)
        } catch {
            // Whoever named a folder was told that there is none.
            if FileIdentity.find(folder) != nil { problems.append(.file(error)) }
            return []
        }
        var names: [String] = []
        for name in found where looksLikeAvatar(name.name) {
            let hasControls = name.name.unicodeScalars.contains { $0.properties.generalCategory == .control }
            if name.isUTF8, !hasControls {
                names.append(name.name)
                continue
            }
            let reason =
                "its name \(name.isUTF8 ? "has a control character, such as a line break" : "is not UTF-8")"
            problems.append(
                .file(.unsafePath("\(folder)/\(name.name)", reason: "\(reason); rename it"))
            )
        }
        return names
    }

    private static func looksLikeAvatar(_ name: String) -> Bool {
        name.hasSuffix(".avatar.json") || name.hasSuffix(".rig.json") || PhotoRig.stem(ofImage: name) != nil
    }

    /// Refuses what is no file before it is opened: opening a device can do things.
    ///
    /// - Returns: false for a folder, which nobody takes for an avatar.
    private static func isFile(_ path: String) throws(AvatarError) -> Bool {
        let identity: FileIdentity
        do { identity = try FileIdentity(ofFileAt: path) } catch { throw .file(error) }
        switch identity.kind {
        case .file: return true
        case .directory: return false
        case .symbolicLink, .other:
            throw .avatarInvalid(path: path, field: "", reason: "it is a pipe, a socket or a device")
        }
    }

    private static func entry(_ folder: String, _ name: String) throws(AvatarError) -> Entry? {
        let path = "\(folder)/\(name)"
        if name.hasSuffix(".avatar.json") {
            guard try isFile(path) else { return nil }
            let avatar = try AvatarDescription(contentsOf: path)
            return Entry(id: avatar.id, name: avatar.name, about: avatar.about, kind: .drawn, path: path)
        }
        if name.hasSuffix(".rig.json") {
            guard try isFile(path) else { return nil }
            let rig = try PhotoRig(contentsOf: path)
            guard try isFile(rig.imagePath) else {
                throw .avatarInvalid(path: path, field: "image", reason: "it is a folder")
            }
            try RasterImage.check(rig.imagePath)
            return Entry(id: rig.id, name: rig.name, about: rig.name, kind: .photo, path: path)
        }
        // A photograph with landmarks is complained of once, by their file.
        guard let stem = PhotoRig.stem(ofImage: name),
            FileIdentity.find("\(folder)/\(stem).rig.json") == nil, try isFile(path)
        else { return nil }
        try RasterImage.check(path)
        return Entry(
            id: stem,
            name: stem,
            about: "A photograph without landmarks",
            kind: .unplaced,
            path: path
        )
    }
}

extension AvatarError {
    /// The file that a problem of the library is about.
    fileprivate var avatarPath: String? {
        switch self {
        case .avatarInvalid(let path, _, _), .picture(let path, _): path
        case .file(let error): error.path
        default: nil
        }
    }
}
