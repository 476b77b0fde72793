import CCurl
public import Files

extension HTTPTransport {
    /// Looks at files with HEAD requests, one after the other.
    ///
    /// - Parameter paths: below the root.
    /// - Returns: one answer for each path; nil where nothing is there.
    /// - Throws: ``CollectorError`` where the other side does not answer.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        var answers: [FileStatus?] = []
        for path in paths {
            try Task.checkCancellation()
            answers.append(try await exactStatus(of: path))
        }
        return answers
    }

    private func exactStatus(of path: RelativePath) async throws -> FileStatus? {
        let what = url(path)
        let request = CurlRequest(url: what, what: what, isStatusOnly: true, wantsTime: true)
        let outcome = try await connections.perform(request, verdict: { _ in .discard })
        if let error = connections.error(for: outcome, what: what) { throw error }
        switch outcome.head.status {
        case 200: return try Self.status(outcome, size: outcome.head.expectedLength, what: what)
        case 404, 410: return nil
        case 300...399 where leadsToItsFolder(outcome.head, from: what):
            return FileStatus(kind: .directory, size: 0)
        case 405, 501: return try await statusByRange(what)
        default:
            _ = try await perform(request, verdict: { _ in .discard })
            throw CollectorError.protocolViolation(what, reason: "the server answered \(outcome.head.status)")
        }
    }

    /// Servers send the reader of a folder to the same address with a slash at its end.
    private func leadsToItsFolder(_ head: CurlResponseHead, from url: String) -> Bool {
        guard let location = head.field("location") else { return false }
        let path = url.dropFirst(connections.peer.count) + "/"
        return location == url + "/" || location == path
    }

    /// Asks for the first byte where a server does not answer HEAD: the answer tells the length of the whole.
    private func statusByRange(_ what: String) async throws -> FileStatus? {
        let request = CurlRequest(url: what, what: what, wantsTime: true, range: 0..<1, limit: 1)
        let outcome: CurlOutcome
        do {
            outcome = try await perform(request, verdict: { $0.status == 206 ? .take : .stop })
        } catch CollectorError.vanished {
            return nil
        }
        let range = outcome.head.field("content-range").flatMap { ContentRange($0) }
        switch (outcome.head.status, range) {
        case (206, .part(_, let whole)): return try Self.status(outcome, size: whole, what: what)
        case (416, .unsatisfied(let whole)): return try Self.status(outcome, size: whole, what: what)
        default: return try Self.status(outcome, size: outcome.head.expectedLength, what: what)
        }
    }

    private static func status(
        _ outcome: CurlOutcome,
        size: Int?,
        what: String
    ) throws(CollectorError) -> FileStatus {
        try requireIdentity(outcome.head, of: what)
        guard let size else {
            throw .protocolViolation(what, reason: "the server does not say how long it is (Content-Length)")
        }
        return FileStatus(
            size: size,
            modifiedNanoseconds: WholeSeconds.nanoseconds(outcome.modifiedSeconds),
            entityTag: strongTag(outcome.head.field("etag"))
        )
    }
}
