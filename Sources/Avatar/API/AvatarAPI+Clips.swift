import RunRecords

/// Clips that are asked for: made, watched, given up.
extension AvatarAPI {
    func speak(_ request: APIRequest) async throws -> APIAnswer {
        try configuration.access.check(request)
        try Self.requireJSON(request)
        let bytes = try await request.body(Self.bodyLimitBytes, Self.bodySeconds)
        let body = try SpeakBody(bytes)
        try await queue.requireRoom()
        let prepared = try await configuration.maker.prepare(body.request)
        let (session, media) = (session, media)
        let id = try await queue.submit { name, progress in
            try media.makeRoom()
            return try await session.make(prepared, name: name, progress: progress)
        }
        if request.field("prefer")?.lowercased().contains("respond-async") == true {
            return Self.accepted(id)
        }
        let states = await queue.watch(id)
        var last: ClipJob.State?
        if let states { for await state in states { last = state } }
        if Task.isCancelled {
            await queue.cancel(id)
            throw CancellationError()
        }
        switch last {
        case .done(let made): return .json(200, Self.fields(of: made))
        case .failed(let refusal): throw refusal
        default: throw APIRefusal(503, "the server is stopping")
        }
    }

    private static func accepted(_ id: String) -> APIAnswer {
        let place = "/\(path)/jobs/\(id)"
        return .json(
            202,
            [
                LogField("request_id", .string(id)), LogField("job_url", .string(place)),
                LogField("events_url", .string(place + "/events")),
            ],
            header: [("Location", place), ("Preference-Applied", "respond-async")]
        )
    }

    func job(_ id: String, _ request: APIRequest) async throws -> APIAnswer {
        guard let state = await queue.state(id) else { throw Self.noClip }
        guard request.method == "DELETE" else { return .json(200, Self.fields(of: state)) }
        try configuration.access.check(request)
        await queue.cancel(id)
        return .json(200, [LogField("state", "cancelled")])
    }

    func events(of id: String) async throws -> APIAnswer {
        guard let states = await queue.watch(id) else { throw Self.noClip }
        return .events(
            states.map { state in
                let fields = Self.fields(of: state)
                let data = String(decoding: LogValue.object(fields).json, as: UTF8.self)
                return "event: \(state.isFinal ? "end" : "progress")\ndata: \(data)\n\n"
            }
        )
    }
}
