import Avatar
import Foundation
import ServiceLifecycle
import SiteGen

/// The avatar API beside a server: its work, and its answers.
struct AvatarService: Service {
    private let api: AvatarAPI

    /// - Parameters:
    ///   - runs: the folder that clips go to.
    ///   - avatars: a folder of the user's avatars.
    ///   - server: where it answers; whether others can reach it decides whether it wants a token.
    /// - Throws: `UsageError` where the avatars are missing, ``AvatarError`` for a token that could be guessed.
    init(runs: String, avatars: String?, server: ServerConfiguration) throws {
        var configuration = AvatarAPIConfiguration(
            maker: try AvatarWiring.clipMaker(avatars: avatars),
            runs: runs,
            access: try APIAccess(
                environment: ProcessInfo.processInfo.environment,
                isLocal: server.isLocal
            )
        )
        configuration.ownAvatars = avatars
        api = AvatarAPI(configuration)
    }

    /// What the server asks.
    var routes: any RouteProvider { AvatarRoutes(api: api) }

    /// Makes clips until the server stops; the one in the making is then given up.
    func run() async throws {
        let api = api
        await cancelWhenGracefulShutdown { await api.run() }
    }
}

/// Translates between the server and the API, which know nothing of each other.
private struct AvatarRoutes: RouteProvider {
    let api: AvatarAPI

    var path: String { AvatarAPI.path }

    func answer(_ request: RouteRequest) async throws -> RouteAnswer {
        let question = APIRequest(method: request.method, path: request.path, field: request.field) {
            limit,
            seconds in
            do { return try await request.body(limit, seconds) } catch let failure as RouteRequest.BodyFailure
            {
                switch failure {
                case .tooLong: throw APIRequest.BodyFailure.tooLong
                case .tooSlow: throw APIRequest.BodyFailure.tooSlow
                case .brokenOff: throw APIRequest.BodyFailure.brokenOff
                }
            }
        }
        switch try await api.answer(question) {
        case .whole(let status, let fields, let type, let body):
            return .whole(status: status, fields: fields, type: type, body: body)
        case .events(let events): return .events(events)
        case .file(let root, let path): return .file(root: root, path: path)
        }
    }
}
