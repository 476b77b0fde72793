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
    ///   - isLocal: whether only this machine's own users can reach the server.
    /// - Throws: ``AvatarError/clipRefused(reason:)`` for a token that could be guessed.
    public init(environment: [String: String], isLocal: Bool) throws(AvatarError) {
        let given = environment[Self.tokenVariable] ?? ""
        guard given.isEmpty || given.utf8.count >= Self.shortestToken else {
            throw .clipRefused(
                reason: "\(Self.tokenVariable) is shorter than \(Self.shortestToken) bytes; "
                    + "take one from: openssl rand -hex 24"
            )
        }
        token = given.isEmpty ? nil : Secret(value: given)
        self.isLocal = isLocal
    }

    /// Whether a token has to be sent.
    var needsToken: Bool { token != nil || !isLocal }
    /// Whether anybody can make clips at all.
    var isOpen: Bool { token != nil || isLocal }

    /// Checks a request that writes.
    func check(_ request: APIRequest) throws(APIRefusal) {
        // A browser tells where a request comes from; what is no browser tells nothing.
        let site = request.field("sec-fetch-site") ?? "none"
        guard ["none", "same-origin"].contains(site) else {
            throw APIRefusal(403, "pages of other sites make no clips here")
        }
        guard needsToken else { return }
        guard let token else {
            throw APIRefusal(
                403,
                "other machines can reach this server, so it makes clips only for those who know its token; "
                    + "start it with \(Self.tokenVariable) set"
            )
        }
        let parts = (request.field("authorization") ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            Self.areEqual(Array(parts[1].utf8), Array(token.value.utf8))
        else { throw APIRefusal(401, "send the server's token: Authorization: Bearer …") }
    }

    /// Takes as long whatever differs.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
