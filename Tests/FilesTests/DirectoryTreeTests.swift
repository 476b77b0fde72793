import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct DirectoryTreeTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test func `lists everything in byte order, folders before their contents`() throws {
        for name in ["b/2", "b/10", "b.txt", "b-1", "a/z/deep", "Ä", "é"] { try folder.write("x", to: name) }
        try folder.createDirectory("empty")
        let paths = try DirectoryTree.walk(folder.path).map(\.path.string)
        let expected = [
            "a", "a/z", "a/z/deep", "b", "b/10", "b/2", "b-1", "b.txt", "empty", "\u{c4}", "\u{e9}",
        ]
        #expect(Set(paths) == Set(expected))
        #expect(try paths == paths.map { try RelativePath(validating: $0) }.sorted().map(\.string))
    }

    @Test func `reports links without following them, even in circles`() throws {
        try folder.write("secret", to: "outside/secret")
        try folder.createDirectory("root")
        #expect(symlink(folder.path(of: "outside"), folder.path(of: "root/out")) == 0)
        #expect(symlink(".", folder.path(of: "root/circle")) == 0)
        #expect(symlink("nowhere", folder.path(of: "root/broken")) == 0)
        let entries = try DirectoryTree.walk(folder.path(of: "root"))
        #expect(entries.map(\.path.string) == ["broken", "circle", "out"])
        #expect(entries.allSatisfy { $0.kind == .symbolicLink })
    }

    @Test func `leaves out what it is told not to enter`() throws {
        for name in ["a/1", "media/big", "media/x/y"] { try folder.write("x", to: name) }
        let paths = try DirectoryTree.walk(folder.path) { $0.lastComponent != "media" }.map(\.path.string)
        #expect(paths == ["a", "a/1", "media"])
    }

    @Test func `goes on past names that cannot be paths, and says which`() throws {
        try folder.write("x", to: "fine")
        let latin: [CChar] = [0x63, 0x61, 0x66, CChar(bitPattern: 0xe9), 0]
        let current = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { _ = close(current) }
        #expect(mkdirat(current, latin, 0o755) == 0)
        var problems: [FilesError] = []
        let entries = try DirectoryTree.walk(folder.path, problems: &problems)
        #expect(entries.map(\.path.string) == ["fine"])
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("not UTF-8") == true)
        #expect(throws: FilesError.self) { try DirectoryTree.walk(folder.path) }
    }

    @Test func `a root that is missing or a file is an error that says so`() throws {
        try folder.write("x", to: "file")
        for (name, code) in [("no", ENOENT), ("file", ENOTDIR)] {
            let path = folder.path(of: name)
            #expect(throws: FilesError.system(operation: "list the folder", path: path, code: code)) {
                try DirectoryTree.walk(path)
            }
        }
    }

    @Test func `removes a tree without following its links`() throws {
        try folder.write("keep", to: "outside/keep")
        try folder.write("x", to: "tree/a/b/c")
        #expect(symlink(folder.path(of: "outside"), folder.path(of: "tree/a/link")) == 0)
        try FileSystem.removeTree(folder.path(of: "tree"))
        try FileSystem.removeTree(folder.path(of: "tree"))
        #expect(!folder.exists("tree"))
        #expect(try folder.readText("outside/keep") == "keep")
    }
}
