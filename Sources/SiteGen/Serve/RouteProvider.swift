/// Answers for a part of the program that the server knows nothing about.
public protocol RouteProvider: Sendable {
    /// Below which path it answers, without slashes at the ends: `api/avatar`.
    var path: String { get }

    /// Answers a request below ``path``.
    ///
    /// Its task is cancelled when the client of a request with a body goes away.
    ///
    /// - Parameter request: one whose host and path have been checked.
    /// - Returns: an answer, whatever was asked.
    /// - Throws: where there is no answer, which becomes a 500, or nobody who waits for one.
    func answer(_ request: RouteRequest) async throws -> RouteAnswer
}

/// A request that is somebody else's to answer.
public struct RouteRequest: Sendable {
    /// Why a body could not be read.
    public enum BodyFailure: Error, Sendable, Equatable {
        /// Longer than was asked for.
        case tooLong
        /// Its end did not come in time.
        case tooSlow
        /// The client broke off.
        case brokenOff
    }

    /// `GET`, `POST` or another method.
    public let method: String
    /// What follows the provider's path and its slash, decoded: no component is hidden or leads upwards; a slash at the
    /// end stays.
    public let path: String
    /// A field of the header, by its name.
    public let field: @Sendable (String) -> String?
    /// Reads the body: at most so many bytes, in at most so many seconds; throws ``BodyFailure``.
    public let body: @Sendable (_ limitBytes: Int, _ timeoutSeconds: Double) async throws -> [UInt8]
}

/// What a ``RouteProvider`` answers.
public enum RouteAnswer: Sendable {
    /// A whole answer, never to be kept: its status, further fields of the header, and its body.
    case whole(status: Int, fields: [(name: String, value: String)], type: String, body: [UInt8])
    /// Server-Sent Events, each with its empty line, until the stream ends or the client goes away.
    case events(any AsyncSequence<String, Never> & Sendable)
    /// A file below a folder that is no part of the site, with ranges and conditions as the site's own.
    case file(root: String, path: String)
}
