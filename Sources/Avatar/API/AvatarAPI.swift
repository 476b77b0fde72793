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
    let pictures = AvatarPictures()
    let session: ClipSession
    let media: ClipMedia

    /// An API that makes nothing until it runs.
    ///
    /// - Parameter configuration: what makes clips, and the limits.
    public init(_ configuration: AvatarAPIConfiguration) {
        var configuration = configuration
        configuration.maker.videoSeconds = configuration.videoSeconds
        self.configuration = configuration
        var limits = ClipQueue.Limits()
        limits.waiting = configuration.waitingLimit
        limits.jobSeconds = configuration.soundSeconds + (configuration.maker.longestVideoSeconds ?? 0)
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
            for engine in configuration.maker.engines.engines { await engine.refresh() }
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
            guard let path = ClipMedia.path(run: parts[1], file: parts[2]) else { throw Self.noClip }
            return .file(root: configuration.runs, path: path)
        default: throw Self.noCall
        }
    }

    /// What is said of an address that means nothing.
    ///
    /// - Parameters:
    ///   - what: it should be.
    ///   - remedy: which addresses mean something.
    /// - Returns: 404.
    static func missing(_ what: String, _ remedy: String) -> APIRefusal {
        APIRefusal(404, "there is no such \(what); \(remedy)")
    }

    static let noCall = missing("call", "docs/speaking.md has them all")
    static let noClip = missing("clip (any more)", "POST /\(path)/speak makes one")
    static let noAvatar = missing("avatar", "GET /\(path)/avatars names all")

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
}
