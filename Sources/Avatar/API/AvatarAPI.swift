import Files
import RunRecords

/// The HTTP API that makes clips, without the server that carries it.
///
/// | call | answer |
/// |---|---|
/// | `POST speak` | makes a clip; 202 and its job with `Prefer: respond-async` (RFC 7240) |
/// | `GET jobs/<id>` · `…/events` · `DELETE` | where a job stands, as Server-Sent Events too; gives it up |
/// | `GET voices` · `avatars` · `avatars/<id>/picture` · `status` | what there is |
/// | `GET avatars/<id>/photo` · `GET` and `PUT avatars/<id>/rig` · `POST …/preview` | a photograph and its points |
/// | `GET media/<run>/<file>` | what was made |
public struct AvatarAPI: Sendable {
    /// Where the API stands on a server.
    public static let path = "api/avatar"
    /// The longest body: a thousand characters of four bytes, each written as `\uXXXX`, and settings.
    static let bodyLimitBytes = 32 << 10
    /// So long a body may take.
    static let bodySeconds = 10.0

    let configuration: AvatarAPIConfiguration
    let queue: ClipQueue
    let photos = AvatarPhotos()
    private let pictures = AvatarPictures()
    private let session: ClipSession
    private let media: ClipMedia

    /// An API that makes nothing until it runs.
    ///
    /// - Parameter configuration: what makes clips, and the limits.
    public init(_ configuration: AvatarAPIConfiguration) {
        self.configuration = configuration
        var limits = ClipQueue.Limits()
        limits.waiting = configuration.waitingLimit
        limits.jobSeconds = configuration.jobSeconds
        limits.abandonedSeconds = configuration.abandonedSeconds
        queue = ClipQueue(limits: limits)
        session = ClipSession(maker: configuration.maker, runs: configuration.runs)
        media = ClipMedia(runs: configuration.runs, quotaBytes: configuration.mediaQuotaBytes)
    }

    /// Works on what is asked for, until its task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.run() }
            group.addTask { await keepEnginesExamined() }
        }
    }

    /// Engines whose examination takes long remember it; nobody shall wait for it when he asks.
    private func keepEnginesExamined() async {
        repeat {
            for engine in configuration.maker.engines.engines { _ = await engine.problem() }
        } while (try? await Task.sleep(for: .seconds(60))) != nil
    }

    /// Answers a request.
    ///
    /// - Parameter request: below ``path``.
    /// - Returns: an answer, whatever was asked.
    /// - Throws: `CancellationError` where the client has gone.
    public func answer(_ request: APIRequest) async throws -> APIAnswer {
        do { return try await route(request) } catch {
            try Task.checkCancellation()
            return APIRefusal(error).answer
        }
    }

    private func route(_ request: APIRequest) async throws -> APIAnswer {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("speak", 1):
            try Self.require(["POST"], request)
            return try await speak(request)
        case ("jobs", 2):
            try Self.require(["GET", "HEAD", "DELETE"], request)
            return try await job(parts[1], request)
        case ("jobs", 3) where parts[2] == "events":
            try Self.require(["GET"], request)
            return try await events(of: parts[1])
        case ("voices", 1):
            try Self.require(["GET", "HEAD"], request)
            return try await voices()
        case ("avatars", 1):
            try Self.require(["GET", "HEAD"], request)
            return avatars()
        case ("avatars", 3) where parts[2] == "picture":
            try Self.require(["GET", "HEAD"], request)
            return try await picture(of: parts[1])
        case ("avatars", 3), ("avatars", 4): return try await landmarks(Array(parts.dropFirst()), request)
        case ("status", 1):
            try Self.require(["GET", "HEAD"], request)
            return try await status(request)
        case ("media", 3):
            try Self.require(["GET", "HEAD"], request)
            guard let path = ClipMedia.path(run: parts[1], file: parts[2]) else { throw Self.nothing }
            return .file(root: configuration.runs, path: path)
        default: throw Self.nothing
        }
    }

    static let nothing = APIRefusal(404, "there is nothing of that name")

    static func require(_ methods: [String], _ request: APIRequest) throws(APIRefusal) {
        guard !methods.contains(request.method) else { return }
        let allow = methods.joined(separator: ", ")
        throw APIRefusal(405, "only \(allow) is understood here", allow: allow)
    }

    /// Pages of other sites can post forms and plain text without asking, but not JSON.
    static func requireJSON(_ request: APIRequest) throws(APIRefusal) {
        let type = request.field("content-type")?.lowercased().prefix { $0 != ";" } ?? ""
        guard type.allSatisfy({ !$0.isWhitespace }), type == "application/json" else {
            throw APIRefusal(415, "the body must be JSON: send Content-Type: application/json")
        }
    }

    // MARK: Clips

    private func speak(_ request: APIRequest) async throws -> APIAnswer {
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

    private func job(_ id: String, _ request: APIRequest) async throws -> APIAnswer {
        guard let state = await queue.state(id) else { throw Self.nothing }
        guard request.method == "DELETE" else { return .json(200, Self.fields(of: state)) }
        try configuration.access.check(request)
        await queue.cancel(id)
        return .json(200, [LogField("state", "cancelled")])
    }

    private func events(of id: String) async throws -> APIAnswer {
        guard let states = await queue.watch(id) else { throw Self.nothing }
        return .events(
            states.map { state in
                let fields = Self.fields(of: state)
                let data = String(decoding: LogValue.object(fields).json, as: UTF8.self)
                return "event: \(state.isFinal ? "end" : "progress")\ndata: \(data)\n\n"
            }
        )
    }

    // MARK: What there is

    private func voices() async throws -> APIAnswer {
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

    private func avatars() -> APIAnswer {
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

    private func picture(of id: String) async throws -> APIAnswer {
        let library = configuration.maker.avatars
        guard let entry = library.entries.first(where: { $0.id == id }), entry.kind != .unplaced else {
            throw Self.nothing
        }
        return .whole(
            status: 200,
            fields: [],
            type: "image/png",
            body: try await pictures.png(of: entry, in: library)
        )
    }

    private func status(_ request: APIRequest) async throws -> APIAnswer {
        let offers = try await configuration.maker.voices.offers()
        var engines: [LogValue] = []
        for engine in configuration.maker.engines.engines {
            let problem = await engine.problem()
            var fields = [LogField("name", .string(engine.name)), LogField("usable", .bool(problem == nil))]
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
