import Foundation
import TestSupport
import Testing

@testable import Avatar

/// The points of photographs over the API: read, tried, written, and nothing else written.
@Suite struct LandmarkAPITests {
    private let pictures: TemporaryPictures

    init() throws {
        pictures = try TemporaryPictures()
        try pictures.writePhoto("ann")
        try FileManager.default.copyItem(
            atPath: pictures.path("ann.png"),
            toPath: pictures.path("Jürgen 2.png")
        )
    }

    private func api(
        own: Bool = true,
        environment: [String: String] = [:],
        isLocal: Bool = true
    ) throws -> AvatarAPI {
        var configuration = AvatarAPIConfiguration(
            maker: ClipMaker(
                voices: VoiceCatalog(providers: [HummingProvider()]),
                pronunciation: EspeakProvider(helper: nil),
                avatarFolders: [pictures.folder, BuiltInAvatars.folder],
                engines: EngineChoice([StandInEngine()])
            ),
            runs: pictures.path("runs"),
            access: try APIAccess(environment: environment, isLocal: isLocal)
        )
        if own { configuration.ownAvatars = pictures.folder }
        return AvatarAPI(configuration)
    }

    private struct Reply {
        var status: Int
        var type: String
        var body: [UInt8]
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
        }
        var error: String { json["error"] as? String ?? "" }
    }

    private func ask(
        _ api: AvatarAPI,
        _ method: String,
        _ path: String,
        _ body: String = "",
        fields: [String: String] = [:]
    ) async throws -> Reply {
        let all = ["content-type": "application/json"].merging(fields) { $1 }
        let request = APIRequest(
            method: method,
            path: path,
            field: { all[$0] },
            body: { limit, _ in
                guard body.utf8.count <= limit else { throw APIRequest.BodyFailure.tooLong }
                return Array(body.utf8)
            }
        )
        guard case .whole(let status, _, let type, let bytes) = try await api.answer(request) else {
            return Reply(status: 0, type: "", body: [])
        }
        return Reply(status: status, type: type, body: bytes)
    }

    /// The points that `ann` was drawn with, as a body.
    private func body(changing: [String: Any] = [:]) throws -> String {
        let rig = try PhotoRig(contentsOf: pictures.path("ann.rig.json"))
        var points: [String: Any] = [:]
        for (part, point) in rig.points { points[part.rawValue] = [point.x, point.y] }
        points.merge(changing) { $1 }
        let data = try JSONSerialization.data(withJSONObject: ["points": points])
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `a photograph without points gets them, and can then be moved`() async throws {
        let api = try api()
        let list = try await ask(api, "GET", "avatars").json["avatars"] as? [[String: Any]]
        let entry = try #require(list?.first { $0["kind"] as? String == "unplaced" })
        #expect(entry["picture_url"] == nil)
        // RFC 3986, section 2.5: UTF-8, each byte as %XX.
        #expect(entry["rig_url"] as? String == "/api/avatar/avatars/J%C3%BCrgen%202/rig")
        let before = try await ask(api, "GET", "avatars/Jürgen 2/rig")
        #expect(before.status == 200 && before.json["placed"] as? Bool == false)
        #expect(before.json["width"] as? Int == 512 && before.json["read_only"] == nil)
        #expect((before.json["points"] as? [String: Any])?.count == PhotoRig.Part.allCases.count)

        let saved = try await ask(api, "PUT", "avatars/Jürgen 2/rig", try body())
        #expect(saved.status == 201 && saved.json["saved"] as? Bool == true)
        let written = try PhotoRig(contentsOf: pictures.path("Jürgen 2.rig.json"))
        #expect(written.points == (try PhotoRig(contentsOf: pictures.path("ann.rig.json"))).points)
        #expect(try await ask(api, "GET", "avatars/Jürgen 2/picture").type == "image/png")
        #expect(try await ask(api, "PUT", "avatars/Jürgen 2/rig", try body()).status == 200)
        #expect(
            try pictures.names() == ["Jürgen 2.png", "Jürgen 2.rig.json", "ann.png", "ann.rig.json"].sorted()
        )
    }

    @Test func `moving points keeps the name that a photograph has`() async throws {
        let api = try api()
        let reply = try await ask(api, "PUT", "avatars/ann/rig", try body(changing: ["chin": [0.5, 0.8125]]))
        #expect(reply.status == 200)
        let rig = try PhotoRig(contentsOf: pictures.path("ann.rig.json"))
        #expect(rig.name == "Photo" && rig.id == "ann" && rig.points[.chin] == SIMD2(0.5, 0.8125))
    }

    @Test func `the photograph and its trial are pictures, and trying writes nothing`() async throws {
        let api = try api(own: false)
        let photo = try await ask(api, "GET", "avatars/Jürgen 2/photo")
        #expect(photo.status == 200 && photo.type == "image/png")
        let trial = try await ask(api, "POST", "avatars/Jürgen 2/rig/preview", try body())
        #expect(trial.status == 200 && trial.type == "image/png")
        try Data(trial.body).write(to: URL(filePath: pictures.path("trial.png")))
        let row = try RasterImage(png: pictures.path("trial.png"))
        #expect(row.width == PhotoStills.count * PhotoStills.side && row.height == PhotoStills.side)
        // Mouth and eyes differ from those at rest.
        let stills = (0..<PhotoStills.count).map { still in
            (0..<row.height).flatMap { y in
                let start = 4 * (y * row.width + still * PhotoStills.side)
                return Array(row.pixels[start..<start + 4 * PhotoStills.side])
            }
        }
        for still in stills.dropFirst() { #expect(still != stills[0]) }
        #expect(!FileManager.default.fileExists(atPath: pictures.path("Jürgen 2.rig.json")))
    }

    @Test(arguments: [
        (#"{"points":{}}"#, "points.leftEyeOuter: a pair [x, y] of numbers from 0 to 1 is needed"),
        ("[]", "an object in braces is needed"), ("{", "the body is no JSON"),
        (#"{"points":{},"image":"../x.png"}"#, "points.leftEyeOuter"),
    ])
    func `a body that is no set of points is refused`(_ body: String, _ message: String) async throws {
        let reply = try await ask(try api(), "PUT", "avatars/ann/rig", body)
        #expect(reply.status == 400 && reply.error.hasPrefix(message), "\(reply.error)")
    }

    @Test func `points outside of the picture, or of no face, are refused and named`() async throws {
        let api = try api()
        let before = try Data(contentsOf: URL(filePath: pictures.path("ann.rig.json")))
        let cases: [([String: Any], String)] = [
            (["chin": [0.5, 1.01]], "points.chin: a pair [x, y] of numbers from 0 to 1 is needed"),
            (["chin": [0.5, -0.01]], "points.chin: a pair"), (["chin": ["0.5", 0.7]], "points.chin: a pair"),
            (["chin": [0.5]], "points.chin: a pair"), (["chin": NSNull()], "points.chin: a pair"),
            (["thirdEye": [0.5, 0.5]], "points.thirdEye: no such field"),
            (["chin": [0.5, 0.1]], "points.chin: it must lie below lowerLipBottom"),
            (
                ["mouthLeft": [0.5, 0.66], "mouthRight": [0.5001, 0.66]],
                "points: the face is too small in it to be moved"
            ),
        ]
        // A face of no height keeps every order there is between its points.
        let rig = try PhotoRig(contentsOf: pictures.path("ann.rig.json"))
        let flat = Dictionary(
            uniqueKeysWithValues: rig.points.map { ($0.rawValue, [$1.x, $1.y * 1e-22] as Any) }
        )
        for (change, message) in cases + [(flat, "points: the face is too small in it to be moved")] {
            let reply = try await ask(api, "PUT", "avatars/ann/rig", try body(changing: change))
            #expect(reply.status == 400 && reply.error.hasPrefix(message), "\(reply.error)")
            // Nobody outside needs to know where the server's files are.
            #expect(!reply.error.contains(pictures.folder))
            let trial = try await ask(api, "POST", "avatars/ann/rig/preview", try body(changing: change))
            #expect(trial.status == 400)
        }
        #expect(try Data(contentsOf: URL(filePath: pictures.path("ann.rig.json"))) == before)
    }

    @Test(arguments: [
        ("PUT", "avatars/art_0/rig", 409), ("GET", "avatars/art_0/rig", 409),
        ("GET", "avatars/art_0/photo", 409),
        ("PUT", "avatars/nobody/rig", 404), ("PUT", "avatars/../ann/rig", 404),
        ("PUT", "avatars/ann.rig.json/rig", 404),
        ("GET", "avatars/ann/other", 404), ("GET", "avatars/ann/rig/other", 404),
        ("DELETE", "avatars/ann/rig", 405), ("GET", "avatars/ann/rig/preview", 405),
        ("PUT", "avatars/ann/photo", 405),
    ])
    func `what has no points is said so`(_ method: String, _ path: String, _ status: Int) async throws {
        let reply = try await ask(try api(), method, path, try body())
        #expect(reply.status == status && !reply.error.isEmpty, "\(reply.error)")
    }

    @Test func `nothing is written outside of the folder that the user named`() async throws {
        let api = try api(own: false)
        let shown = try await ask(api, "GET", "avatars/Jürgen 2/rig")
        #expect((shown.json["read_only"] as? String)?.contains("--avatars") == true)
        for id in ["Jürgen 2", "ann"] {
            #expect(try await ask(api, "PUT", "avatars/\(id)/rig", try body()).status == 403)
        }
        #expect(try pictures.names() == ["Jürgen 2.png", "ann.png", "ann.rig.json"])
    }

    @Test func `who may make no clips may place no points`() async throws {
        let token = "0123456789abcdef"
        let api = try api(environment: [APIAccess.tokenVariable: token], isLocal: false)
        let calls = [
            ("GET", "avatars/ann/rig"), ("GET", "avatars/ann/photo"), ("PUT", "avatars/ann/rig"),
            ("POST", "avatars/ann/rig/preview"),
        ]
        for (method, path) in calls {
            let fields = ["authorization": "Bearer \(token)"]
            #expect(try await ask(api, method, path, try body()).status == 401)
            #expect(try await ask(api, method, path, try body(), fields: fields).status == 200)
            let foreign = fields.merging(["sec-fetch-site": "cross-site"]) { $1 }
            #expect(try await ask(api, method, path, try body(), fields: foreign).status == 403)
        }
    }

    @Test func `a body that is too long or no JSON is not read`() async throws {
        let long = "{\"points\":{\"x\":\"" + String(repeating: "a", count: 5_000) + "\"}}"
        #expect(try await ask(try api(), "PUT", "avatars/ann/rig", long).status == 413)
        let fields = ["content-type": "text/plain"]
        #expect(try await ask(try api(), "PUT", "avatars/ann/rig", try body(), fields: fields).status == 415)
    }

    @Test func `a photograph that cannot be read is said so without its path`() async throws {
        try pictures.writeDamaged("odd.png")
        let reply = try await ask(try api(), "GET", "avatars/odd/rig")
        #expect(reply.status == 409 && reply.error.hasPrefix("the photograph cannot be read"))
        #expect(!reply.error.contains(pictures.folder))
    }

    @Test func `the guess keeps a face's proportions in any picture`() {
        for (width, height) in [(1_000, 1_000), (900, 1_600), (1_600, 900), (3, 4_000)] {
            let points = PhotoRig.guess(width: width, height: height)
            #expect(points.count == PhotoRig.Part.allCases.count)
            #expect(points.values.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
            func at(_ part: PhotoRig.Part) -> SIMD2<Double> {
                (points[part] ?? .zero) * SIMD2(Double(width), Double(height))
            }
            let wide = at(.faceRight).x - at(.faceLeft).x
            let high = at(.chin).y - at(.foreheadTop).y
            #expect(abs(wide / high - 0.46 / 0.52) < 1e-9)
        }
    }
}
