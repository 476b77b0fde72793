public import Files

extension HTTPTransport {
    /// Reads part of a file with a range request.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    ///   - sink: gets the bytes in order.
    /// - Returns: how many bytes came.
    /// - Throws: ``CollectorError``; ``CollectorError/vanished(_:)`` where nothing is there, and
    ///   ``CollectorError/protocolViolation(_:reason:)`` where the server sends another part than the one asked for.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        guard offset >= 0, count > 0, offset < Int.max - count else { return 0 }
        let what = url(path)
        let range = offset..<offset + count
        let request = CurlRequest(url: what, what: what, range: range, limit: count)
        let outcome = try await withoutActuallyEscaping(sink) { sink in
            try await perform(request, isLong: count > CurlConnections.longReadBytes) {
                try Self.verdict(on: $0, range: range, what: what)
            } sink: {
                try sink($0)
            }
        }
        // A body may be empty, and then nobody has been asked about it.
        _ = try Self.verdict(on: outcome.head, range: range, what: what)
        return outcome.received
    }

    /// Whether a body is the part that was asked for.
    static func verdict(
        on head: CurlResponseHead,
        range: Range<Int>,
        what: String
    ) throws(CollectorError) -> CurlBodyVerdict {
        switch head.status {
        case 206:
            try requireIdentity(head, of: what)
            guard let field = head.field("content-range"), case .part(let part, _) = ContentRange(field)
            else {
                throw .protocolViolation(
                    what,
                    reason: "a part of the file came that does not say which (Content-Range)"
                )
            }
            guard part.lowerBound == range.lowerBound, part.upperBound <= range.upperBound,
                head.expectedLength.map({ $0 == part.count }) ?? true
            else {
                throw .protocolViolation(
                    what,
                    reason: "bytes \(range) were asked for and bytes \(part) came"
                )
            }
            return .take
        case 200:
            try requireIdentity(head, of: what)
            guard range.lowerBound == 0 else {
                throw .protocolViolation(
                    what,
                    reason: "the server ignores ranges and sends the whole file; use one that answers them "
                        + "(nginx, Caddy, voxsite serve), or name the host as host:path"
                )
            }
            return .take
        case 416:
            // At or behind the end. An empty file has no part at all, not even from 0.
            guard range.lowerBound > 0, let field = head.field("content-range"),
                case .unsatisfied(let whole) = ContentRange(field), whole > range.lowerBound
            else { return .discard }
            throw .protocolViolation(
                what,
                reason: "bytes from \(range.lowerBound) are refused though the file has \(whole)"
            )
        default: return .discard
        }
    }
}
