import Files
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers GET and HEAD from the site's files.
///
/// Hummingbird's `FileMiddleware` gets suffix ranges, unsatisfiable ranges and strong comparison wrong and
/// makes tags of whole-second times, hence one of our own; its `FileIO` still does the streaming.
struct StaticFileResponder: Sendable {
    let files: SiteFiles
    private let fileIO = FileIO()

    init(files: SiteFiles) { self.files = files }

    /// Answers a request for a path.
    ///
    /// - Parameters:
    ///   - target: the checked path.
    ///   - request: a GET or HEAD request.
    ///   - failure: the current build failure, shown on pages.
    ///   - context: of the request.
    /// - Returns: the answer, whatever the path.
    /// - Throws: where the server is stopping.
    func respond(
        to target: RequestTarget,
        request: HTTPRequest,
        failure: String?,
        context: some RequestContext
    ) async throws -> Response {
        var path = target.path
        if target.endsInSlash { path += path.isEmpty ? "index.html" : "/index.html" }
        switch try await files.find(path) {
        case .file(let file):
            return try await respond(
                with: file,
                at: path,
                request: request,
                failure: failure,
                context: context
            )
        case .directory where !target.endsInSlash:
            var fields = ResponseFields.unstored("text/plain; charset=utf-8")
            fields[.location] = target.withSlash
            return TextResponse.make(
                .permanentRedirect,
                "The folder is at \(target.withSlash)\n",
                fields: fields,
                request: request
            )
        case .directory, .nothing:
            return try await notFound(request: request, failure: failure)
        }
    }

    /// Answers a GET for a file that is in memory and unchanged; nil where anything has to be waited for.
    func immediateAnswer(to target: RequestTarget, request: HTTPRequest) -> Answer? {
        let path =
            target.endsInSlash
            ? (target.path.isEmpty ? "index.html" : target.path + "/index.html") : target.path
        guard case .file(var file)? = files.known(path) else { return nil }
        if request.headerFields[.range] == nil, file.checksum != nil,
            ContentCoding.allowsGzip(request.headerFields[.acceptEncoding])
        {
            guard let twin = files.known(path + ".gz", asTwin: true) else { return nil }
            if case .file(let twin) = twin, file.isSource(of: twin) { file = twin }
        }
        guard let bytes = file.bytes else { return nil }
        return Self.answer(with: bytes, validators: file.validators, fields: file.fields, request: request)
    }

    /// Answers with the site's own page for paths that lead nowhere, if it has one.
    func notFound(request: HTTPRequest, failure: String?) async throws -> Response {
        guard case .file(let page) = try await files.find("404.html"), var body = page.bytes else {
            return TextResponse.make(.notFound, "There is no such page here.\n", request: request)
        }
        if let failure { body = BuildFailureNotice.inject(failure, into: body) ?? body }
        return Self.response(
            .notFound,
            ResponseFields.unstored("text/html; charset=utf-8"),
            body: body,
            request: request
        )
    }

    /// Answers with a file that was found, by RFC 9110 §13.2.2 and §14.2.
    func respond(
        with file: ServedFile,
        at path: String,
        request: HTTPRequest,
        failure: String?,
        context: some RequestContext
    ) async throws -> Response {
        if let failure, let page = failing(file, failure) {
            return Self.answer(
                with: page.bytes,
                validators: page.validators,
                fields: page.fields,
                request: request
            ).response
        }
        let range = request.method == .get ? request.headerFields[.range] : nil
        var file = file
        var path = path
        // Never for ranges: an offset into the coded bytes is of no use to a player that wants to seek.
        if range == nil, file.checksum != nil,
            ContentCoding.allowsGzip(request.headerFields[.acceptEncoding]),
            case .file(let twin) = try await files.find(path + ".gz", asTwin: true), file.isSource(of: twin)
        {
            file = twin
            path += ".gz"
        }
        if let bytes = file.bytes {
            return Self.answer(
                with: bytes,
                validators: file.validators,
                fields: file.fields,
                request: request
            ).response
        }
        let plan = Self.plan(request, validators: file.validators, size: file.size)
        guard let part = plan.part, request.method == .get, !part.isEmpty else {
            return Self.bodiless(plan, size: file.size, fields: file.fields).response
        }
        guard let opened = files.open(path, expecting: file) else {
            // Replaced in this very moment: ask again rather than send bytes under a tag of others.
            var fields = ResponseFields.unstored("text/plain; charset=utf-8")
            fields[.retryAfter] = "1"
            return TextResponse.make(
                .serviceUnavailable,
                "The file is just being replaced.\n",
                fields: fields,
                request: request
            )
        }
        var fields = file.fields
        fields[.contentLength] = "\(part.count)"
        if plan.status == .partialContent { fields[.contentRange] = Self.contentRange(part, file.size) }
        let body = try await fileIO.loadFile(
            path: opened.path,
            range: part.lowerBound...(part.upperBound - 1),
            context: context,
            chunkLength: 256 << 10
        )
        let counted = ResponseBody(contentLength: part.count) { writer in
            let counter = CountingWriter(base: writer, expected: part.count)
            try await body.write(counter)
            withExtendedLifetime(opened) {}
        }
        return Response(status: plan.status, headers: fields, body: counted)
    }

    /// The page with the notice of a failed build in it, and its own tag; nil for what is not a page.
    private func failing(
        _ file: ServedFile,
        _ failure: String
    ) -> (bytes: ByteBuffer, validators: ConditionalRequest.Validators, fields: HTTPFields)? {
        guard file.type.hasPrefix("text/html"), let bytes = file.bytes,
            let page = BuildFailureNotice.inject(failure, into: bytes)
        else { return nil }
        let hash = page.withUnsafeReadableBytes { ContentHash(hashing: $0).hex }
        let validators = ConditionalRequest.Validators(entityTag: EntityTag(strong: hash), lastModified: nil)
        var fields = ResponseFields.unstored(file.type)
        fields[.eTag] = validators.entityTag.text
        return (page, validators, fields)
    }
}
