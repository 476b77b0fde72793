import HTTPTypes
import Hummingbird
import NIOCore

extension SiteResponder {
    /// The provider that answers for a path, and what it knows the path as; nil for the site's own.
    func route(_ target: RequestTarget) -> (provider: any RouteProvider, path: String)? {
        let path = target.path + (target.endsInSlash ? "/" : "")
        for provider in configuration.routes where path.hasPrefix(provider.path + "/") {
            return (provider, String(path.dropFirst(provider.path.count + 1)))
        }
        return nil
    }

    /// Whether an address that was refused is one of a provider's, whose clients read JSON.
    func isRouted(_ address: String) -> Bool {
        configuration.routes.contains { address.hasPrefix("/\($0.path)/") }
    }

    /// Lets a provider answer.
    func answer(
        _ provider: any RouteProvider,
        path: String,
        request: HTTPRequest,
        body: RequestBody,
        context: Context
    ) async throws -> Response {
        let answer: RouteAnswer
        if hasBody(request) {
            // Whoever sends a body may wait long for the answer, and may go away meanwhile.
            do {
                answer = try await body.consumeWithCancellationOnInboundClose { body in
                    let body = RouteBody(body)
                    let result: Result<RouteAnswer, any Error>
                    do {
                        result = .success(
                            try await provider.answer(routeRequest(request, path: path, body: body))
                        )
                    } catch { result = .failure(error) }
                    await body.abandon()
                    return try result.get()
                }
            } catch is CancellationError where !Task.isCancelled {
                // Not we are stopping: the client has gone, or what it sent cannot be read.
                return TextResponse.json(
                    .badRequest,
                    error: "the request broke off or is damaged",
                    request: request
                )
            }
        } else {
            answer = try await provider.answer(
                routeRequest(request, path: path, body: RouteBody(RequestBody(buffer: .init())))
            )
        }
        switch answer {
        case .whole(let status, let fields, let type, let bytes):
            return whole(status, fields, type, bytes, request: request)
        case .events where hasBody(request), .file where hasBody(request):
            return TextResponse.json(.badRequest, error: "this takes no body", request: request)
        case .events(let events): return stream(events, request: request, body: body)
        case .file(let root, let path):
            let files = StaticFileResponder(
                files: SiteFiles(root: root, policy: .static, maximumCacheBytes: 0)
            )
            guard case .file(let file) = try await files.files.find(path) else {
                return TextResponse.json(
                    .notFound,
                    error: "there is no such file (any more)",
                    request: request
                )
            }
            return try await files.respond(
                with: file,
                at: path,
                request: request,
                failure: nil,
                context: context
            )
        }
    }

    private func routeRequest(_ request: HTTPRequest, path: String, body: RouteBody) -> RouteRequest {
        let fields = request.headerFields
        let authority = request.authority
        return RouteRequest(
            method: request.method.rawValue,
            path: path,
            // `Host` is kept apart from the other fields.
            field: { name in name == "host" ? authority : HTTPField.Name(name).flatMap { fields[$0] } },
            body: { limit, seconds in
                try await body.read(
                    length: fields[.contentLength],
                    limitBytes: limit,
                    timeoutSeconds: seconds
                )
            }
        )
    }

    private func whole(
        _ status: Int,
        _ fields: [(name: String, value: String)],
        _ type: String,
        _ bytes: [UInt8],
        request: HTTPRequest
    ) -> Response {
        var header = ResponseFields.unstored(type)
        for field in fields {
            if let name = HTTPField.Name(field.name) { header[name] = field.value }
        }
        // What was not read of a body would be taken for the next request.
        if hasBody(request) { header[.connection] = "close" }
        return StaticFileResponder.response(
            HTTPResponse.Status(code: status),
            header,
            body: ByteBuffer(bytes: bytes),
            request: request
        )
    }

    private func stream(
        _ events: any AsyncSequence<String, Never> & Sendable,
        request: HTTPRequest,
        body: RequestBody
    ) -> Response {
        var fields = ResponseFields.unstored("text/event-stream; charset=utf-8")
        fields[.accelBuffering] = "no"  // nginx would collect events before passing them on
        let metrics = metrics
        return Response(
            status: .ok,
            headers: fields,
            body: ResponseBody { writer in
                try await body.consumeWithCancellationOnInboundClose { _ in
                    for await text in events {
                        try await writer.write(ByteBuffer(string: text))
                        metrics.sent(bytes: text.utf8.count)
                    }
                }
                try await writer.finish(nil)
            }
        )
    }
}
