import CCurl
import Files

extension HTTPTransport {
    /// Runs a request and throws what the status code means where it is no success.
    ///
    /// - Returns: how it ended: with 200, 206 or 416.
    func perform(
        _ request: CurlRequest,
        isLong: Bool = false,
        verdict: @escaping CurlTransfer.Verdict,
        sink: @escaping ByteSink = { _ in }
    ) async throws -> CurlOutcome {
        let outcome = try await connections.perform(request, isLong: isLong, verdict: verdict, sink: sink)
        if let error = connections.error(for: outcome, what: request.what) { throw error }
        switch outcome.head.status {
        case 200, 206, 416: return outcome
        case 404, 410: throw CollectorError.vanished(request.what)
        case 300...399: throw Self.redirect(outcome.head, from: request.what)
        case 401, 403, 407:
            throw CollectorError.remoteFile(
                request.what,
                operation: "read",
                reason: "the server answered \(outcome.head.status): it wants a login or forbids it"
            )
        case 408, 425, 429, 500...599:
            throw CollectorError.stream(request.what, reason: "the server answered \(outcome.head.status)")
        default:
            throw CollectorError.protocolViolation(
                request.what,
                reason: "the server answered \(outcome.head.status)"
            )
        }
    }

    private static func redirect(_ head: CurlResponseHead, from what: String) -> CollectorError {
        let target = head.field("location").map(shownAddress) ?? "nowhere"
        return .refused(
            what,
            reason: "it is redirected to \(target), and redirects are not followed; name that address"
        )
    }

    /// Where a redirect leads, without a user, a password or a query, which may be secrets.
    static func shownAddress(_ location: String) -> String {
        var shown = location.prefix { $0 != "?" && $0 != "#" }
        let start = shown.firstRange(of: "//")?.upperBound ?? shown.startIndex
        let end = shown[start...].firstIndex(of: "/") ?? shown.endIndex
        if let at = shown[start..<end].lastIndex(of: "@") { shown.removeSubrange(start...at) }
        return CurlFailure.printable(String(shown))
    }

    /// Refuses a body in a coding: the positions of a range would be those of the coded bytes.
    ///
    /// Source: RFC 9110 §8.4.
    static func requireIdentity(_ head: CurlResponseHead, of what: String) throws(CollectorError) {
        let coding = head.field("content-encoding")?.lowercased() ?? "identity"
        guard coding == "identity" || coding.isEmpty else {
            throw .protocolViolation(
                what,
                reason:
                    "it is sent in the coding \(CurlFailure.printable(coding, limit: 40)), which was not asked for"
            )
        }
    }

    /// A strong entity tag with its quotes; nil for a weak one and for what is none.
    ///
    /// Source: RFC 9110 §8.8.3.
    static func strongTag(_ field: String?) -> String? {
        guard let field, field.utf8.count >= 2, field.utf8.count <= 256,
            field.utf8.first == UInt8(ascii: "\""),
            field.utf8.last == UInt8(ascii: "\""),
            field.utf8.dropFirst().dropLast().allSatisfy({ $0 >= 0x21 && $0 != 0x22 && $0 != 0x7F })
        else { return nil }
        return field
    }
}
