import Files
import Testing

@testable import Avatar

@Suite struct AvatarLibraryTests {
    @Test func `the built-in avatars are all there`() throws {
        let library = AvatarLibrary(folders: [BuiltInAvatars.folder])
        #expect(Set(library.entries.map(\.id)).isSuperset(of: BuiltInAvatars.ids))
        #expect(library.problems.isEmpty)
        let styles = try ["art_0", "art_5", "art_18"].map { try BuiltInAvatars.avatar($0).style }
        #expect(Set(styles).count == 3)
    }

    @Test func `what is dropped in is found, and the user's comes first`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        try PortraitRenderer(try BuiltInAvatars.avatar("happy"), size: 64).render(MotionFrame())
            .writePNG(to: files.path("bob.png"))
        try files.write("{", to: "broken.avatar.json")
        let own = """
            {"id": "happy", "name": "Mine", "style": "ink", "background": {"base": "#336699"},
             "skin": {"base": "#E8B594"}, "eyes": {"iris": "#335577"}, "brows": {"color": "#332211"},
             "mouth": {"lower": "#CC7777"}}
            """
        try files.write(own, to: "mine.avatar.json")
        let library = AvatarLibrary(folders: [files.folder, "/nowhere", BuiltInAvatars.folder])
        func kind(_ id: String) -> AvatarLibrary.Kind? { library.entries.first { $0.id == id }?.kind }
        #expect(kind("ann") == .photo)
        #expect(kind("bob") == .unplaced)
        #expect(library.entries.first { $0.id == "happy" }?.name == "Mine")
        #expect(library.problems.count == 1)
        #expect(try library.skin("ann", size: 128).engineName == "rig-p")
        #expect(try library.skin("happy", size: 128).engineName == "rig-v")
        let unplaced = try #require(throws: AvatarError.self) { try library.skin("bob", size: 128) }
        #expect(unplaced.description.contains("the page speak/ of a server"))
        #expect(unplaced.description.hasSuffix("run: voxsite avatar rig \(files.path("bob.png"))"))
    }

    @Test func `an unknown avatar is answered with those there are`() throws {
        let library = AvatarLibrary(folders: [BuiltInAvatars.folder])
        let error = try #require(throws: AvatarError.self) { try library.skin("nobody\u{1b}", size: 256) }
        #expect(
            error.description.hasPrefix("no avatar is called \"nobody\u{FFFD}\"; there are: art_0, art_18")
        )
        #expect(throws: AvatarError.self) { try library.skin("happy", size: 4_096) }
    }

    @Test func `the command for placing points names the photograph as its folder was named`() throws {
        let files = try TemporaryPictures()
        try PortraitRenderer(try BuiltInAvatars.avatar("happy"), size: 64).render(MotionFrame())
            .writePNG(to: files.path("my face.png"))
        let folder = FileSystem.name(of: files.folder)
        let relative = "\(FileSystem.folder(of: files.folder))/./\(folder)"
        let error = try #require(throws: AvatarError.self) {
            try AvatarLibrary(folders: [relative]).skin("my face", size: 128)
        }
        #expect(error.description.hasSuffix("run: voxsite avatar rig '\(relative)/my face.png'"))
        var entry = try #require(AvatarLibrary(folders: [relative]).entries.first)
        entry.path = "-faces/a.png"
        #expect(AvatarLibrary.unplaced(entry).description.hasSuffix("run: voxsite avatar rig ./-faces/a.png"))
    }
}
