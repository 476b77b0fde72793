import RunRecords

/// What there is: voices, avatars, and how it all is.
extension AvatarAPI {
    func voices() async throws -> APIAnswer {
        let offers = try await configuration.maker.voices.offers()
        let voices = offers.flatMap(\.voices).map { voice -> LogValue in
            let parts = [
                ("voice_id", voice.id), ("name", voice.name), ("language", voice.language),
                ("gender", voice.gender),
                ("provider", voice.provider),
            ]
            return .object(parts.compactMap { key, value in value.map { LogField(key, .string($0)) } })
        }
        return .json(
            200,
            [LogField("voices", .array(voices)), LogField("providers", .array(offers.map(Self.provider)))]
        )
    }

    func avatars() -> APIAnswer {
        let entries = configuration.maker.avatars.entries.map { entry -> LogValue in
            var fields = [
                LogField("avatar_id", .string(entry.id)), LogField("name", .string(entry.name)),
                LogField("about", .string(entry.about)), LogField("kind", .string(entry.kind.rawValue)),
            ]
            if let name = AvatarPictures.pathComponent(entry.id) {
                let place = "/\(Self.path)/avatars/\(name)"
                if entry.kind != .unplaced {
                    fields.append(LogField("picture_url", .string(place + "/picture")))
                }
                if entry.kind != .drawn { fields.append(LogField("rig_url", .string(place + "/rig"))) }
            }
            return .object(fields)
        }
        return .json(200, [LogField("avatars", .array(entries))])
    }

    func picture(of id: String) async throws -> APIAnswer {
        let library = configuration.maker.avatars
        guard let entry = library.entries.first(where: { $0.id == id }), entry.kind != .unplaced else {
            throw Self.noAvatar
        }
        return .whole(
            status: 200,
            fields: [],
            type: "image/png",
            body: try await pictures.png(of: entry, in: library)
        )
    }

    func status(_ request: APIRequest) async throws -> APIAnswer {
        let offers = try await configuration.maker.voices.offers()
        var engines: [LogValue] = []
        for engine in configuration.maker.engines.engines {
            let problem = await engine.problem()
            var fields = [
                LogField("name", .string(engine.name)), LogField("usable", .bool(problem == nil)),
                LogField("set_up", .bool(engine.isSetUp)),
            ]
            if let problem { fields.append(LogField("problem", .string(problem))) }
            engines.append(.object(fields))
        }
        let counts = await queue.counts
        let library = configuration.maker.avatars
        return .json(
            200,
            [
                LogField("providers", .array(offers.map(Self.provider))),
                LogField("engines", .array(engines)),
                LogField("avatars", .integer(library.entries.count)),
                LogField("avatar_problems", .array(library.problems.map { .string($0.description) })),
                LogField(
                    "queue",
                    .object([
                        LogField("running", .integer(counts.running)),
                        LogField("waiting", .integer(counts.waiting)),
                        LogField("limit", .integer(counts.limit)),
                    ])
                ),
                LogField(
                    "media",
                    .object([
                        LogField("bytes", .integer(media.usedBytes())),
                        LogField("quota_bytes", .integer(configuration.mediaQuotaBytes)),
                    ])
                ),
                LogField("text_limit", .integer(SpokenText.apiCharacterLimit)),
                LogField("token_required", .bool(configuration.access.needsToken(request))),
                LogField("available", .bool(configuration.access.isOpen(request))),
            ]
        )
    }
}
