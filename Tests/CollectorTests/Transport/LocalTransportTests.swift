import Collector
import Files
import Foundation
import Testing
import TestSupport

/// A folder with a tree in it, and one outside that must never be touched.
private struct Fixture {
    let directory: TemporaryDirectory
    let transport: LocalTransport
    var root: String { directory.path + "/root" }
    var outside: String { directory.path + "/outside" }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path + "/root/sub",
            withIntermediateDirectories: true
        )
        try FileManager.default.createDirectory(
            atPath: directory.path + "/outside",
            withIntermediateDirectories: true
        )
        transport = LocalTransport(root: directory.path + "/root")
        try AtomicFile.write(Array("secret".utf8), to: outside + "/secret")
    }

    func put(_ text: String, at path: String) throws {
        try AtomicFile.write(Array(text.utf8), to: root + "/" + path, synchronizing: false)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: root + "/" + path,
            withDestinationPath: target
        )
    }
}

private func path(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

private func source(_ chunks: [[UInt8]]) -> @Sendable () async throws -> [UInt8] {
    let rest = Chunks(chunks)
    return { await rest.next() }
}

private actor Chunks {
    private var rest: ArraySlice<[UInt8]>
    init(_ chunks: [[UInt8]]) { rest = chunks[...] }
    func next() -> [UInt8] { rest.popFirst() ?? [] }
}

@Suite struct LocalTransportTests {
    @Test func readsRangesAndEndsQuietlyBehindTheEnd() async throws {
        let fixture = try Fixture()
        try fixture.put("0123456789", at: "sub/file")
        let file = try path("sub/file")
        #expect(try await fixture.transport.bytes(of: file, from: 3, count: 4) == Array("3456".utf8))
        #expect(try await fixture.transport.bytes(of: file, from: 8, count: 100) == Array("89".utf8))
        #expect(try await fixture.transport.bytes(of: file, from: 10, count: 5) == [])
        #expect(try await fixture.transport.bytes(of: file, from: 1_000, count: 5) == [])
    }

    @Test func hashesPrefixes() async throws {
        let fixture = try Fixture()
        try fixture.put("abcdef", at: "file")
        let transport = fixture.transport
        #expect(
            try await transport.sha256(of: path("file"), prefix: 3) == SHA256Value(hashing: Array("abc".utf8))
        )
        #expect(
            try await transport.sha256(of: path("file"), prefix: nil)
                == SHA256Value(hashing: Array("abcdef".utf8))
        )
    }

    @Test func listsFoldersBeforeTheirContentsInByteOrder() async throws {
        let fixture = try Fixture()
        try fixture.put("x", at: "sub/b")
        try fixture.put("x", at: "sub-a")
        try fixture.put("x", at: "sub/a\nb")
        try fixture.link("loop", to: ".")
        let listing = try await fixture.transport.list(nil, recursively: true)
        #expect(listing.files.map(\.path.string) == ["loop", "sub", "sub/b", "sub-a"])
        #expect(listing.files.first?.status.kind == .symbolicLink)
        #expect(listing.problems.count == 1, "a name with a line break is refused")
        let flat = try await fixture.transport.list(nil, recursively: false)
        #expect(flat.files.map(\.path.string) == ["loop", "sub", "sub-a"])
    }

    @Test func followsNoLinkBelowTheRoot() async throws {
        let fixture = try Fixture()
        try fixture.link("file", to: fixture.outside + "/secret")
        try fixture.link("folder", to: fixture.outside)
        let transport = fixture.transport
        for name in ["file", "folder/secret"] {
            let target = try path(name)
            await #expect(throws: CollectorError.self) {
                try await transport.bytes(of: target, from: 0, count: 10)
            }
            await #expect(throws: CollectorError.self) {
                _ = try await transport.write(target, at: 0, truncating: true, from: source([[1]]))
            }
        }
        #expect(try await transport.status(of: path("folder/secret")) == nil)
        #expect(try await transport.status(of: path("file"))?.kind == .symbolicLink)
        let new = try path("folder/new")
        await #expect(throws: CollectorError.self) { try await transport.createFolder(new) }
        try await transport.remove(path("folder"))
        let untouched = try OpenFile.reading(fixture.outside + "/secret").readAll()
        #expect(untouched == Array("secret".utf8))
    }

    @Test func theRootItselfMayBeALink() async throws {
        let fixture = try Fixture()
        try fixture.put("x", at: "file")
        try FileManager.default.createSymbolicLink(
            atPath: fixture.directory.path + "/link",
            withDestinationPath: "root"
        )
        let transport = LocalTransport(root: fixture.directory.path + "/link")
        #expect(try await transport.bytes(of: path("file"), from: 0, count: 9) == Array("x".utf8))
    }

    @Test func opensNoPipe() async throws {
        let fixture = try Fixture()
        #expect(mkfifo(fixture.root + "/pipe", 0o600) == 0)
        let pipe = try path("pipe")
        await #expect(throws: CollectorError.self) {
            try await fixture.transport.bytes(of: pipe, from: 0, count: 1)
        }
    }

    @Test func writesAtExactOffsetsAndTruncates() async throws {
        let fixture = try Fixture()
        let (transport, file) = (fixture.transport, try path("log"))
        _ = try await transport.write(file, at: 0, truncating: false, from: source([[1, 2, 3], [4, 5]]))
        _ = try await transport.write(file, at: 1, truncating: false, from: source([[9]]))
        #expect(try await transport.bytes(of: file, from: 0, count: 99) == [1, 9, 3, 4, 5])
        #expect(try await transport.write(file, at: 2, truncating: true, from: source([[7]])) == 1)
        #expect(try await transport.bytes(of: file, from: 0, count: 99) == [1, 9, 7])
        #expect(try await transport.status(of: file)?.mode == 0o600)
    }

    @Test func movesOnlyToNamesThatNothingHas() async throws {
        let fixture = try Fixture()
        try fixture.put("a", at: "a")
        try fixture.put("b", at: "sub/b")
        let transport = fixture.transport
        await #expect(throws: CollectorError.exists(fixture.root + "/sub/b")) {
            try await transport.move(try path("a"), toNew: try path("sub/b"))
        }
        try await transport.replace(path("sub/b"), with: path("a"))
        #expect(try await transport.bytes(of: path("sub/b"), from: 0, count: 9) == Array("a".utf8))
        #expect(try await transport.status(of: path("a")) == nil)
    }

    @Test func setsAttributesToTheNanosecond() async throws {
        let fixture = try Fixture()
        try fixture.put("a", at: "a")
        let (transport, file) = (fixture.transport, try path("a"))
        for time: Int64 in [1_700_000_000_123_456_789, -1] {
            try await transport.setAttributes(of: file, mode: 0o640, modifiedNanoseconds: time)
            let status = try #require(try await transport.status(of: file))
            #expect(status.modifiedNanoseconds == time)
            #expect(status.mode == 0o640)
        }
    }

    @Test func removesWhatIsThereAndMindsNothingElse() async throws {
        let fixture = try Fixture()
        try fixture.put("a", at: "sub/a")
        let transport = fixture.transport
        await #expect(throws: CollectorError.self) { try await transport.remove(path("sub")) }
        try await transport.remove(path("sub/a"))
        try await transport.remove(path("sub"))
        try await transport.remove(path("sub"))
        try await transport.remove(path("none/none"))
        #expect(try await transport.list(nil, recursively: true).files.isEmpty)
    }

    @Test func whatIsGoneHasVanished() async throws {
        let fixture = try Fixture()
        let (transport, none) = (fixture.transport, try path("none"))
        await #expect(throws: CollectorError.vanished(fixture.root + "/none")) {
            try await transport.bytes(of: none, from: 0, count: 1)
        }
    }

    @Test func createsFoldersWithThoseTheyLieIn() async throws {
        let fixture = try Fixture()
        try await fixture.transport.createFolder(path("a/b/c"))
        try await fixture.transport.createFolder(path("a/b/c"))
        #expect(try await fixture.transport.status(of: path("a/b/c"))?.kind == .directory)
    }

    @Test func refusesAFolderOverAFile() async throws {
        let fixture = try Fixture()
        try fixture.put("x", at: "file")
        let folder = try path("file/below")
        await #expect(throws: CollectorError.self) { try await fixture.transport.createFolder(folder) }
    }
}
