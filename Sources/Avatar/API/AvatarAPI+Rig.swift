import Files
import RunRecords

/// The points of photographs: shown, tried, saved.
extension AvatarAPI {
    /// A photograph among the avatars.
    private struct Photograph {
        let entry: AvatarLibrary.Entry
        /// As far as it is known; a guess where nothing was placed yet.
        var rig: PhotoRig
        /// Where the points go.
        let rigPath: String
        let isPlaced: Bool
    }

    /// Answers `avatars/<id>/photo`, `…/rig` and `…/rig/preview`.
    ///
    /// - Parameters:
    ///   - parts: what follows `avatars/`.
    ///   - request: as it came.
    /// - Returns: the photograph, its points, or what came of them.
    /// - Throws: ``APIRefusal`` and others.
    func landmarks(_ parts: [String], _ request: APIRequest) async throws -> APIAnswer {
        switch parts.dropFirst() {
        case ["photo"]:
            try Self.require(["GET", "HEAD"], request)
            try configuration.access.check(request)
            let photo = try await photo(of: try entry(parts[0]).imagePath)
            return .whole(status: 200, fields: [], type: "image/png", body: photo.png)
        case ["rig"] where request.method == "PUT": return try await save(parts[0], request)
        case ["rig"]:
            try Self.require(["GET", "HEAD", "PUT"], request)
            try configuration.access.check(request)
            return try await show(try await photograph(parts[0]))
        case ["rig", "preview"]:
            try Self.require(["POST"], request)
            let body = try await body(request)
            var photograph = try await photograph(parts[0])
            photograph.rig.points = body.points
            do {
                let png = try await photos.stills(of: photograph.rig)
                return .whole(status: 200, fields: [], type: "image/png", body: png)
            } catch { throw RigBody.refusal(error) }
        default: throw Self.noCall
        }
    }

    private func show(_ photograph: Photograph) async throws -> APIAnswer {
        let photo = try await photo(of: photograph.rig.imagePath)
        let rig = photograph.rig
        let points = PhotoRig.Part.allCases.compactMap { part in
            rig.points[part].map { LogField(part.rawValue, .array([.number($0.x), .number($0.y)])) }
        }
        var fields = [
            LogField("avatar_id", .string(rig.id)), LogField("name", .string(rig.name)),
            LogField("image", .string(FileSystem.name(of: rig.imagePath))),
            LogField("file", .string(FileSystem.name(of: photograph.rigPath))),
            LogField("width", .integer(photo.width)), LogField("height", .integer(photo.height)),
            LogField("placed", .bool(photograph.isPlaced)), LogField("points", .object(points)),
        ]
        if let problem = writingProblem(photograph) { fields.append(LogField("read_only", .string(problem))) }
        return .json(200, fields)
    }

    private func save(_ id: String, _ request: APIRequest) async throws -> APIAnswer {
        let body = try await body(request)
        var photograph = try await photograph(id)
        if let problem = writingProblem(photograph) { throw APIRefusal(403, problem) }
        photograph.rig.points = body.points
        do { try await photos.save(photograph.rig, to: photograph.rigPath) } catch {
            throw RigBody.refusal(error)
        }
        return .json(
            photograph.isPlaced ? 200 : 201,
            [LogField("avatar_id", .string(photograph.rig.id)), LogField("saved", .bool(true))]
        )
    }

    private func body(_ request: APIRequest) async throws -> RigBody {
        try configuration.access.check(request)
        try Self.requireJSON(request)
        return try RigBody(try await request.body(RigBody.limitBytes, Self.bodySeconds))
    }

    // MARK: Which

    private func entry(_ id: String) throws(APIRefusal) -> (entry: AvatarLibrary.Entry, imagePath: String) {
        guard let entry = configuration.maker.avatars.entries.first(where: { $0.id == id }) else {
            throw Self.noAvatar
        }
        switch entry.kind {
        case .drawn: throw APIRefusal(409, "\(entry.name) is drawn, and has no points to be placed")
        case .unplaced: return (entry, entry.path)
        case .photo:
            guard let rig = try? PhotoRig(contentsOf: entry.path) else { throw Self.noAvatar }
            return (entry, rig.imagePath)
        }
    }

    private func photograph(_ id: String) async throws -> Photograph {
        let (entry, imagePath) = try entry(id)
        if entry.kind == .photo {
            let rig = try PhotoRig(contentsOf: entry.path)
            return Photograph(entry: entry, rig: rig, rigPath: entry.path, isPlaced: true)
        }
        guard let rigPath = PhotoRig.path(forImage: imagePath) else { throw Self.noAvatar }
        let photo = try await photo(of: imagePath)
        let points = PhotoRig.guess(width: photo.width, height: photo.height)
        let rig = PhotoRig(id: entry.id, name: entry.name, imagePath: imagePath, points: points)
        return Photograph(entry: entry, rig: rig, rigPath: rigPath, isPlaced: false)
    }

    private func photo(of path: String) async throws -> AvatarPhotos.Photo {
        do { return try await photos.photo(path) } catch AvatarError.picture(_, let reason) {
            throw APIRefusal(409, "the photograph cannot be read: \(VisibleText.line(reason, limit: 200))")
        }
    }

    /// Why points cannot be written; nil where they can: in the folder that the user named, and nowhere else.
    private func writingProblem(_ photograph: Photograph) -> String? {
        let file = FileSystem.name(of: photograph.rigPath)
        guard let folder = configuration.ownAvatars, photograph.rigPath == "\(folder)/\(file)" else {
            return
                "this photograph does not lie in a folder that the server was given with --avatars, so nothing is "
                + "written there; download the file, and put it beside the photograph as \(file)"
        }
        return nil
    }
}
