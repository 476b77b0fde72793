import Files
import Foundation
import Glibc
import Testing

@testable import Avatar

/// What lies in a folder of avatars besides avatars.
@Suite(.timeLimit(.minutes(1))) struct AvatarFolderTests {
    private let files: TemporaryPictures

    init() throws { files = try TemporaryPictures() }

    private func library() -> AvatarLibrary { AvatarLibrary(folders: [files.folder]) }

    @Test(arguments: ["x.png", "x.jpg", "x.avatar.json", "x.rig.json"])
    func `a pipe is named, and nobody waits for it`(_ name: String) throws {
        try files.writePhoto("ann")
        try #require(mkfifo(files.path(name), 0o600) == 0)
        let library = library()
        #expect(library.entries.map(\.id) == ["ann"])
        let problem = try #require(library.problems.first).description
        #expect(library.problems.count == 1 && problem.contains("/\(name): it is a pipe"), "\(problem)")
    }

    @Test func `a link to a pipe or a device is not opened`() throws {
        try #require(mkfifo(files.path("pipe"), 0o600) == 0)
        for (name, target) in [("a.png", files.path("pipe")), ("b.jpg", "/dev/zero")] {
            try FileManager.default.createSymbolicLink(
                atPath: files.path(name),
                withDestinationPath: target
            )
            #expect(throws: AvatarError.self) { try RasterImage(contentsOf: files.path(name)) }
        }
        #expect(library().entries.isEmpty && library().problems.count == 2)
    }

    @Test func `a photograph that became a pipe is refused wherever it is read`() throws {
        try files.writePhoto("ann")
        let seen = library()
        let rig = try PhotoRig(contentsOf: files.path("ann.rig.json"))
        try FileManager.default.removeItem(atPath: rig.imagePath)
        try #require(mkfifo(rig.imagePath, 0o600) == 0)
        let error = try #require(throws: AvatarError.self) { try seen.skin("ann", size: 128) }
        #expect(error.description.contains("it is a pipe"), "\(error)")
        #expect(throws: AvatarError.self) { try RasterImage(png: rig.imagePath) }
        #expect(throws: AvatarError.self) { try RasterImage(jpeg: rig.imagePath) }
        #expect(throws: AvatarError.self) { try Recording(path: rig.imagePath) }
        #expect(library().entries.isEmpty && library().problems.count == 1)
    }

    @Test func `an empty picture, or one that cannot be decoded, is no photograph but a problem`() throws {
        try files.writePhoto("ann")
        try files.writePhoto("bob")
        try Data().write(to: URL(filePath: files.path("empty.png")))
        try files.write("GIF89a, really", to: "other.jpg")
        let whole = try Data(contentsOf: URL(filePath: files.path("ann.png")))
        try whole.prefix(whole.count - 1).write(to: URL(filePath: files.path("short.png")))
        try Data().write(to: URL(filePath: files.path("bob.png")))
        let library = library()
        #expect(library.entries.map(\.id) == ["ann"])
        let problems = library.problems.map(\.description)
        #expect(problems.count == 4, "\(problems)")
        for words in [
            "bob.png: not a usable picture: it is empty", "empty.png: not a usable picture: it is empty",
            "other.jpg: not a usable picture: it is neither PNG nor JPEG by its first bytes",
            "short.png: not a usable picture: it is cut off",
        ] {
            #expect(problems.contains { $0.contains(words) }, "\(words)")
        }
    }

    @Test(arguments: [
        (Array("b\no.png".utf8), "has a control character"),
        (Array("b\u{1b}[2J.png".utf8), "has a control character"),
        (Array("b\r.avatar.json".utf8), "has a control character"),
        (Array("b\u{7f}.rig.json".utf8), "has a control"),
        (Array("b".utf8) + [0xFF] + Array(".jpg".utf8), "is not UTF-8"),
    ])
    func `a name that cannot be shown costs that file alone`(_ name: [UInt8], _ words: String) throws {
        try files.writePhoto("ann")
        try files.writePhoto("zoe")
        let path = Array("\(files.folder)/".utf8) + name
        let descriptor = path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
            open(Array(bytes) + [0], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        }
        try #require(descriptor >= 0)
        close(descriptor)
        let library = library()
        #expect(library.entries.map(\.id) == ["ann", "zoe"])
        let problem = try #require(library.problems.first).description
        #expect(library.problems.count == 1 && problem.contains(words), "\(problem)")
        #expect(problem.hasPrefix(files.folder) && problem.hasSuffix("; rename it"))
        #expect(!problem.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func `what is no avatar by its name is nobody's problem`() throws {
        try files.write("", to: "notes\n.txt")
        try FileManager.default.createDirectory(
            atPath: files.path("folder.png"),
            withIntermediateDirectories: true
        )
        #expect(library().entries.isEmpty && library().problems.isEmpty)
    }
}
