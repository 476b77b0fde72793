import Files
import Glibc
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test(arguments: [true, false])
    func `replaces a file and leaves nothing else`(synchronizing: Bool) throws {
        let path = folder.path(of: "run.json")
        try AtomicFile.write([1, 2, 3], to: path, synchronizing: synchronizing)
        try AtomicFile.write([4], to: path, synchronizing: synchronizing)
        try AtomicFile.write([], to: folder.path(of: "empty"), synchronizing: synchronizing)
        #expect(try folder.read("run.json") == [4])
        #expect(try DirectoryTree.walk(folder.path).map(\.path.string) == ["empty", "run.json"])
    }

    @Test func `a reader with the old file open keeps the old bytes`() throws {
        let path = folder.path(of: "a")
        try AtomicFile.write(Array("old".utf8), to: path)
        let reader = try OpenFile.reading(path)
        try AtomicFile.write(Array("newer".utf8), to: path)
        #expect(try reader.readAll() == Array("old".utf8))
    }

    @Test func `written in pieces, a file is whole or as it was`() throws {
        let path = folder.path(of: "a")
        try AtomicFile.write(to: path) { file throws(FilesError) in
            try file.write([1, 2])
            try file.write([3])
        }
        #expect(try folder.read("a") == [1, 2, 3])
        let failure = FilesError.system(operation: "write", path: "elsewhere", code: ENOSPC)
        #expect(throws: failure) {
            try AtomicFile.write(to: path) { file throws(FilesError) in
                try file.write([9])
                throw failure
            }
        }
        #expect(try folder.read("a") == [1, 2, 3])
        #expect(try DirectoryTree.walk(folder.path).map(\.path.string) == ["a"])
    }

    @Test func `names the file, not the temporary one, and cleans up`() throws {
        try folder.write("x", to: "taken/file")
        let target = folder.path(of: "taken")
        let error = #expect(throws: FilesError.self) { try AtomicFile.write([1], to: target) }
        #expect(error?.description.hasPrefix(target + ": cannot ") == true)
        #expect(error?.description.contains("voxsite-tmp") == false)
        #expect(try DirectoryTree.walk(folder.path).map(\.path.string) == ["taken", "taken/file"])

        let missing = folder.path(of: "no/such/folder/a")
        #expect(throws: FilesError.system(operation: "write", path: missing, code: ENOENT)) {
            try AtomicFile.write([1], to: missing)
        }
    }
}
