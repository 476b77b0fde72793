import Avatar
import Foundation
import TestSupport
import Testing

@Suite struct AvatarDescriptionTests {
    private static let minimal = """
        {"id": "me", "name": "Me", "style": "soft",
         "background": {"base": "#336699"}, "skin": {"base": "#E8B594"}, "eyes": {"iris": "#335577"},
         "brows": {"color": "#332211"}, "mouth": {"lower": "#CC7777"}}
        """

    private static func read(_ text: String) throws -> AvatarDescription {
        try AvatarDescription(json: Array(text.utf8), path: "me.avatar.json")
    }

    @Test(arguments: BuiltInAvatars.ids)
    func `every built-in avatar is in its file`(_ id: String) throws {
        let avatar = try BuiltInAvatars.avatar(id)
        #expect(avatar.id == id)
        #expect(!avatar.about.isEmpty)
    }

    @Test func `little has to be given`() throws {
        let avatar = try Self.read(Self.minimal)
        #expect(avatar.name == "Me")
        let picture = PortraitRenderer(avatar, size: 64).render(MotionFrame())
        #expect(picture.pixels.count == 64 * 64 * 4)
    }

    @Test(arguments: [
        (
            "\"style\": \"soft\"", "\"style\": \"oil\"",
            "me.avatar.json: style: one of soft, cel, ink, paper is needed"
        ),
        ("\"#336699\"", "\"blue\"", "background.base: a colour such as \"#E8B594\" is needed"),
        ("\"#336699\"", "\"#+36699\"", "background.base: a colour"),
        ("\"#335577\"}", "\"#335577\", \"widht\": 0.2}", "eyes.widht: no such field; there are:"),
        ("\"#335577\"}", "\"#335577\", \"width\": 9}", "eyes.width: a number from 0.1 to 0.35 is needed"),
        ("\"#335577\"}", "\"#335577\", \"width\": NaN}", "eyes.width: a number"),
        ("\"id\": \"me\"", "\"id\": \"../me\"", "id: only letters, digits, - and _ are allowed"),
        ("\"name\": \"Me\"", "\"name\": 5", "name: a text of 1 to 80 characters is needed"),
        ("\"name\": \"Me\"", "\"name\": \"Me\", \"name\": \"You\"", "name: it is given twice"),
        (
            "\"#CC7777\"}",
            "\"#CC7777\"}, \"shapes\": [{\"layer\": \"body\", \"points\": [[0, 0], [1, 9]], \"stroke\": \"#000000\"}]",
            "shapes[0].points[1]: a pair [x, y] of numbers from -4 to 4 is needed"
        ),
        (
            "\"#CC7777\"}", "\"#CC7777\"}, \"shapes\": [{\"layer\": \"body\", \"points\": [[0, 0], [1, 1]]}]",
            "shapes[0].fill: a shape needs a fill or a stroke"
        ),
    ])
    func `a fault is named with its place`(_ good: String, _ bad: String, _ message: String) throws {
        let text = Self.minimal.replacing(good, with: bad)
        #expect(text != Self.minimal)
        let error = try #require(throws: AvatarError.self) { try Self.read(text) }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func `a file that is cut anywhere is refused, and never traps`() throws {
        let bytes = Array(
            try String(contentsOfFile: BuiltInAvatars.path(of: "default"), encoding: .utf8).utf8
        )
        for end in stride(from: 0, to: bytes.count - 2, by: 61) {
            #expect(throws: AvatarError.self) { try AvatarDescription(json: Array(bytes[..<end]), path: "x") }
        }
    }

    @Test func `a damaged file is refused or drawn`() throws {
        var random = SeededRandom.fresh()
        let bytes = Array(try String(contentsOfFile: BuiltInAvatars.path(of: "art_18"), encoding: .utf8).utf8)
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<3 {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8(random.next() % 96 + 32)
            }
            guard let avatar = try? AvatarDescription(json: damaged, path: "x") else { continue }
            _ = PortraitRenderer(avatar, size: 64).render(MotionFrame())
        }
    }
}
