/// Who may make clips.
public struct APIAccess: Sendable {
    /// The environment variable with the token.
    public static let tokenVariable = "VOXSITE_API_TOKEN"
    /// Shorter ones are guessed.
    private static let shortestToken = 16

    private let token: Secret?
    private let isLocal: Bool

    /// - Parameters:
    ///   - environment: with `VOXSITE_API_TOKEN`, perhaps.
    ///   - isLocal: whether only this machine's own users can reach the server, other than through a proxy.
    /// - Throws: ``AvatarError/serverRefused(reason:)`` for a token that could be guessed.
    public init(environment: [String: String], isLocal: Bool) throws(AvatarError) {
        let given = environment[Self.tokenVariable] ?? ""
        guard given.isEmpty || given.utf8.count >= Self.shortestToken else {
            throw .serverRefused(
                reason: "\(Self.tokenVariable) is shorter than \(Self.shortestToken) bytes; "
                    + "take one from: openssl rand -hex 24"
            )
        }
        token = given.isEmpty ? nil : Secret(value: given)
        self.isLocal = isLocal
    }

    /// What a proxy says of those it speaks for: RFC 7239, RFC 9110, section 7.6.3, and what came before them.
    private static let proxyFields = [
        "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via",
    ]

    /// Whether this machine's own users alone can have sent a request.
    ///
    /// A proxy on the same machine reaches a loopback address as everybody here does, but says whom it speaks for.
    private func isOwn(_ request: APIRequest) -> Bool {
        isLocal && !Self.isProxied(request)
    }

    private static func isProxied(_ request: APIRequest) -> Bool {
        proxyFields.contains { request.field($0) != nil }
    }

    /// Whether somebody who sends such requests has to add the token; not where a proxy adds it for everybody.
    func needsToken(_ request: APIRequest) -> Bool {
        if let token { return !Self.carries(token, request) }
        return !isOwn(request)
    }

    /// Whether anybody who sends such requests can make clips at all.
    func isOpen(_ request: APIRequest) -> Bool { token != nil || isOwn(request) }

    /// Checks a request that writes.
    func check(_ request: APIRequest) throws(APIRefusal) {
        // A browser tells where a request comes from; what is no browser tells nothing.
        let site = request.field("sec-fetch-site") ?? "none"
        guard ["none", "same-origin"].contains(site), Self.isSameOrigin(request) else {
            throw APIRefusal(
                403,
                "pages of other sites make no clips here; open the server's own page speak/"
            )
        }
        guard needsToken(request) else { return }
        guard token != nil else {
            throw APIRefusal(
                403,
                "others than this machine's users can reach this server, so it makes clips only for those who know "
                    + "its token, and it has none; start it with \(Self.tokenVariable) set "
                    + "(openssl rand -hex 24 makes one)"
            )
        }
        throw APIRefusal(
            401,
            "the server's token is missing or wrong; send what \(Self.tokenVariable) was when it was started: "
                + "Authorization: Bearer …"
        )
    }

    /// Whether `Origin`, where it is given, names the server that was asked; `null` does not.
    ///
    /// Through a proxy `Host` is the name under which the proxy asks, so there the two cannot be compared.
    ///
    /// Source: RFC 6454, section 7.
    private static func isSameOrigin(_ request: APIRequest) -> Bool {
        guard let origin = request.field("origin"), !isProxied(request) else { return true }
        guard let host = request.field("host"), let scheme = origin.firstRange(of: "://") else {
            return false
        }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }

    private static func carries(_ token: Secret, _ request: APIRequest) -> Bool {
        let parts = (request.field("authorization") ?? "").split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer"
            && areEqual(Array(parts[1].utf8), Array(token.value.utf8))
    }

    /// Takes as long whatever differs.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
