import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Everything the server answers: its few endpoints, and the site's files for all else.
struct SiteResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let configuration: ServerConfiguration
    let files: SiteFiles
    let live: LiveEvents
    let metrics: ServerMetrics
    private let hosts: HostGuard
    private let staticFiles: StaticFileResponder

    init(configuration: ServerConfiguration, live: LiveEvents, metrics: ServerMetrics) {
        self.configuration = configuration
        self.live = live
        self.metrics = metrics
        files = SiteFiles(root: configuration.siteRoot, policy: configuration.cacheControl)
        hosts = HostGuard(boundTo: configuration.host, allowing: configuration.allowedHosts)
        staticFiles = StaticFileResponder(files: files)
    }

    @Sendable func respond(to request: Request, context: Context) async throws -> Response {
        metrics.requestStarted()
        defer { metrics.requestFinished() }
        let response: Response
        do {
            response = try await answer(request.head, body: request.body, context: context)
        } catch is CancellationError {
            // The client has gone, or the server is stopping: nobody reads this.
            response = TextResponse.make(
                .serviceUnavailable,
                "The server is stopping.\n",
                request: request.head
            )
        } catch {
            context.logger.error("A request could not be answered.", metadata: ["error": "\(error)"])
            response = TextResponse.make(
                .internalServerError,
                "The server could not answer; its log says why.\n",
                request: request.head
            )
        }
        metrics.answered(
            method: request.method.rawValue,
            status: response.status.code,
            bytes: response.body.contentLength ?? 0
        )
        return response
    }

    /// Answers at once, on the event loop, what can be answered from memory; nil for everything else.
    ///
    func immediateAnswer(_ request: HTTPRequest) -> StaticFileResponder.Answer? {
        guard request.method == .get, hosts.accepts(request.authority), !hasBody(request),
            live.failure == nil,
            let target = try? RequestTarget(request.path ?? ""), !Self.endpoints.contains(target.path),
            route(target) == nil,
            let answer = staticFiles.immediateAnswer(to: target, request: request)
        else { return nil }
        metrics.answered(method: "GET", status: answer.status.code, bytes: answer.body?.readableBytes ?? 0)
        return answer
    }

    private static let endpoints: Set<String> = ["events", "healthz", "metrics", "api/training-status"]

    private func answer(_ request: HTTPRequest, body: RequestBody, context: Context) async throws -> Response
    {
        guard hosts.accepts(request.authority) else { return misdirected(request) }
        if let target = try? RequestTarget(request.path ?? ""), let (provider, path) = route(target) {
            return try await answer(provider, path: path, request: request, body: body, context: context)
        }
        guard request.method == .get || request.method == .head else {
            var fields = ResponseFields.unstored("text/plain; charset=utf-8")
            fields[.allow] = "GET, HEAD"
            return refusing(
                .methodNotAllowed,
                "Only GET and HEAD are understood here.\n",
                fields: fields,
                request: request
            )
        }
        guard !hasBody(request) else {
            return refusing(.contentTooLarge, "No request here takes a body.\n", request: request)
        }
        let target: RequestTarget
        do {
            target = try RequestTarget(request.path ?? "")
        } catch {
            return try await refused(error, request: request)
        }
        switch target.path {
        case "events" where !target.endsInSlash: return events(request, body: body)
        case "healthz" where !target.endsInSlash: return health(request)
        case "metrics" where !target.endsInSlash:
            let text = metrics.text(eventClients: live.clientCount)
            let fields = ResponseFields.unstored("text/plain; version=0.0.4; charset=utf-8")
            return TextResponse.make(.ok, text, fields: fields, request: request)
        case "api/training-status" where !target.endsInSlash:
            return try await trainingStatus(target, request: request, context: context)
        default:
            return try await staticFiles.respond(
                to: target,
                request: request,
                failure: live.failure,
                context: context
            )
        }
    }

    private func refused(_ refusal: RequestTarget.Refusal, request: HTTPRequest) async throws -> Response {
        switch refusal {
        case .hidden where isRouted(request.path ?? ""):
            TextResponse.json(.notFound, error: "there is nothing of that name", request: request)
        case .malformed where isRouted(request.path ?? ""):
            TextResponse.json(.badRequest, error: "the path of the request is malformed", request: request)
        case .malformed:
            TextResponse.make(.badRequest, "The path of the request is malformed.\n", request: request)
        case .tooLong:
            TextResponse.make(.uriTooLong, "The path of the request is too long.\n", request: request)
        case .hidden: try await staticFiles.notFound(request: request, failure: live.failure)
        }
    }

    private func misdirected(_ request: HTTPRequest) -> Response {
        guard let name = request.authority else {
            return refusing(.badRequest, "The request names no host.\n", request: request)
        }
        // Plain text, never sniffed: the name may be said back.
        return refusing(
            .misdirectedRequest,
            "This server answers to localhost only, not to \(name). If a proxy of yours leads here, allow its name "
                + "with --allow-host.\n",
            request: request
        )
    }

    func hasBody(_ request: HTTPRequest) -> Bool {
        request.headerFields.contains(.transferEncoding)
            || (request.headerFields[.contentLength] ?? "0") != "0"
    }

    private func health(_ request: HTTPRequest) -> Response {
        files.folder.exists
            ? TextResponse.make(.ok, "ok\n", request: request)
            : TextResponse.make(.serviceUnavailable, "The site's folder is missing.\n", request: request)
    }

    /// Refuses a request without reading what may follow it: the connection ends.
    private func refusing(
        _ status: HTTPResponse.Status,
        _ text: String,
        fields: HTTPFields = ResponseFields.unstored("text/plain; charset=utf-8"),
        request: HTTPRequest
    ) -> Response {
        guard hasBody(request) else {
            return TextResponse.make(status, text, fields: fields, request: request)
        }
        var fields = fields
        fields[.connection] = "close"
        let isHead = request.method == .head
        let bytes = ByteBuffer(string: text)
        let body = ResponseBody(contentLength: bytes.readableBytes) { writer in
            if !isHead { try await writer.write(bytes) }
            try await writer.finish(nil)
            throw ConnectionEnds()
        }
        return Response(status: status, headers: fields, body: body)
    }

    private struct ConnectionEnds: Error {}
}

extension SiteResponder {
    /// `GET /events`: Server-Sent Events for as long as the client listens.
    private func events(_ request: HTTPRequest, body: RequestBody) -> Response {
        var fields = ResponseFields.unstored("text/event-stream; charset=utf-8")
        fields[.accelBuffering] = "no"  // nginx would collect events before passing them on
        guard request.method == .get else { return Response(status: .ok, headers: fields) }
        let subscription = live.subscribe(
            lastEventID: request.headerFields[.lastEventID],
            limit: configuration.maximumEventClients
        )
        guard let stream = subscription else {
            var fields = ResponseFields.unstored("text/plain; charset=utf-8")
            fields[.retryAfter] = "30"
            return TextResponse.make(
                .serviceUnavailable,
                "Too many pages are listening already.\n",
                fields: fields,
                request: request
            )
        }
        let greeting = "retry: 2000\nid: \(live.currentEventID)\n\n"
        let metrics = metrics
        return Response(
            status: .ok,
            headers: fields,
            body: ResponseBody { writer in
                try await body.consumeWithInboundCloseHandler { _ in
                    try await writer.write(ByteBuffer(string: greeting))
                    while let text = await stream.next() {
                        try await writer.write(ByteBuffer(string: text))
                        metrics.sent(bytes: text.utf8.count)
                    }
                } onInboundClosed: {
                    stream.end()
                }
                try await writer.finish(nil)
            }
        )
    }

    /// `GET /api/training-status`, with `?run=ID` for another than the newest active run: the static twin.
    private func trainingStatus(
        _ target: RequestTarget,
        request: HTTPRequest,
        context: Context
    ) async throws -> Response {
        var path = "api/training-status.json"
        if let run = target.parameter("run") {
            guard Self.isRunID(run) else {
                return TextResponse.json(.notFound, error: "that is not the name of a run", request: request)
            }
            path = "api/runs/\(run)/training-status.json"
        }
        guard case .file(let file) = try await files.find(path) else {
            let reason = target.parameter("run").map { "there is no run \($0)" } ?? "there is no run yet"
            return TextResponse.json(.notFound, error: reason, request: request)
        }
        return try await staticFiles.respond(
            with: file,
            at: path,
            request: request,
            failure: nil,
            context: context
        )
    }

    /// `[A-Za-z0-9._-]{1,128}`, but neither `.` nor `..`.
    static func isRunID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}
