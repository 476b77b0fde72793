/// A request to the avatar API, as a server hands it over.
public struct APIRequest: Sendable {
    /// Why a body could not be read.
    public enum BodyFailure: Error, Sendable, Equatable {
        /// Longer than was asked for.
        case tooLong
        /// Its end did not come in time.
        case tooSlow
        /// The client broke off.
        case brokenOff
    }

    /// `GET`, `HEAD`, `POST`, `DELETE` or another method.
    public var method: String
    /// What follows `/api/avatar/`, decoded and checked by the server: `speak`.
    public var path: String
    /// A field of the header, by its name in lower case.
    public var field: @Sendable (String) -> String?
    /// Reads the body: at most so many bytes, in at most so many seconds.
    public var body: @Sendable (_ limitBytes: Int, _ timeoutSeconds: Double) async throws -> [UInt8]

    /// - Parameters:
    ///   - method: of the request.
    ///   - path: what follows `/api/avatar/`.
    ///   - field: a field of the header, by its name in lower case.
    ///   - body: reads the body; throws ``BodyFailure``.
    public init(
        method: String,
        path: String,
        field: @escaping @Sendable (String) -> String?,
        body: @escaping @Sendable (_ limitBytes: Int, _ timeoutSeconds: Double) async throws -> [UInt8]
    ) {
        self.method = method
        self.path = path
        self.field = field
        self.body = body
    }
}
