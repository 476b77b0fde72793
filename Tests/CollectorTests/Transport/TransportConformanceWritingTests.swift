import Collector
import Files
import Foundation
import TestSupport
import Testing

/// What every transport does that can be a destination.
@Suite(.serialized)
struct TransportConformanceWritingTests {
    @Test(arguments: TransportFactory.writable)
    func writesGoExactlyWhereTheyShould(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            func write(_ text: String, at offset: Int, truncating: Bool) async throws -> Int {
                let source = PieceSource(text.map { Array(String($0).utf8) })
                return try await transport.write(relative("log"), at: offset, truncating: truncating) {
                    await source.next()
                }
            }
            #expect(try await write("hello world", at: 0, truncating: false) == 11)
            #expect(try fixture.folder.readText("log") == "hello world")
            #expect(try FileIdentity(ofFileAt: fixture.folder.path(of: "log")).mode == 0o600)
            #expect(try await write("HE", at: 0, truncating: false) == 2)
            #expect(try fixture.folder.readText("log") == "HEllo world")
            #expect(try await write("!!", at: 11, truncating: false) == 2)
            #expect(try fixture.folder.readText("log") == "HEllo world!!")
            #expect(try await write("bye", at: 6, truncating: true) == 3)
            #expect(try fixture.folder.readText("log") == "HEllo bye")
            #expect(try await write("", at: 9, truncating: false) == 0)
            #expect(try fixture.folder.readText("log") == "HEllo bye")
            #expect(try await write("", at: 5, truncating: true) == 0)
            #expect(try fixture.folder.readText("log") == "HEllo")
            #expect(try await write("x", at: 7, truncating: false) == 1)
            #expect(try fixture.folder.read("log") == Array("HEllo\0\0x".utf8))
        }
    }

    @Test(arguments: TransportFactory.writable)
    func largeWritesArriveWhole(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            var random = SeededRandom.fresh()
            let pieces = (0..<7).map { _ in random.bytes(Int.random(in: 1...500_000, using: &random)) }
            let source = PieceSource(pieces)
            let whole = pieces.flatMap { $0 }
            let count = try await transport.write(relative("big.pt"), at: 0, truncating: true) {
                await source.next()
            }
            #expect(count == whole.count, "\(random)")
            #expect(try fixture.folder.read("big.pt") == whole, "\(random)")
        }
    }

    @Test(arguments: TransportFactory.writable)
    func whatTheSourceThrowsIsThrownOn(_ factory: TransportFactory) async throws {
        struct Broken: Error {}
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            await #expect(throws: Broken.self) {
                _ = try await transport.write(relative("file"), at: 0, truncating: true) { throw Broken() }
            }
            // Nothing of it stays in the way.
            let source = PieceSource([Array("good".utf8)])
            _ = try await transport.write(relative("file"), at: 0, truncating: true) { await source.next() }
            #expect(try fixture.folder.readText("file") == "good")
        }
    }

    @Test(arguments: TransportFactory.writable)
    func writingIntoAMissingFolderFails(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            await #expect(throws: CollectorError.self) {
                let source = PieceSource([[1]])
                _ = try await transport.write(relative("no/file"), at: 0, truncating: true) {
                    await source.next()
                }
            }
            try fixture.folder.createDirectory("folder")
            await #expect(throws: CollectorError.self) {
                let source = PieceSource([[1]])
                _ = try await transport.write(relative("folder"), at: 0, truncating: true) { await source.next() }
            }
        }
    }

    @Test(arguments: TransportFactory.writable)
    func foldersAreCreatedWithThoseTheyLieIn(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            try await transport.createFolder(relative("a/b c/-d"))
            try await transport.createFolder(relative("a/b c/-d"))
            try await transport.createFolder(relative("a"))
            #expect(try FileIdentity(ofFileAt: fixture.folder.path(of: "a/b c/-d")).kind == .directory)
            try fixture.folder.write("x", to: "file")
            await #expect(throws: CollectorError.self) { try await transport.createFolder(relative("file")) }
            await #expect(throws: CollectorError.self) {
                try await transport.createFolder(relative("file/below"))
            }
        }
    }

    @Test(arguments: TransportFactory.writable)
    func replacingPutsTheNewFileInThePlaceOfTheOld(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            try fixture.folder.write("old", to: "runs/best.pt")
            try fixture.folder.write("new", to: "runs/.partial/best.pt")
            let partial = try FileIdentity(ofFileAt: fixture.folder.path(of: "runs/.partial/best.pt"))
            try await transport.replace(relative("runs/best.pt"), with: relative("runs/.partial/best.pt"))
            #expect(try fixture.folder.readText("runs/best.pt") == "new")
            #expect(!fixture.folder.exists("runs/.partial/best.pt"))
            #expect(
                try FileIdentity(ofFileAt: fixture.folder.path(of: "runs/best.pt")).inode == partial.inode
            )
            try fixture.folder.write("first", to: "part")
            try await transport.replace(relative("runs/fresh.pt"), with: relative("part"))
            #expect(try fixture.folder.readText("runs/fresh.pt") == "first")
            // Not into a folder of that name, and not from nothing.
            try fixture.folder.createDirectory("runs/folder")
            try fixture.folder.write("x", to: "part")
            await #expect(throws: CollectorError.self) {
                try await transport.replace(relative("runs/folder"), with: relative("part"))
            }
            await expectVanished { try await transport.replace(relative("runs/best.pt"), with: relative("none")) }
            #expect(try fixture.folder.readText("runs/best.pt") == "new")
        }
    }

    @Test(arguments: TransportFactory.writable)
    func movingNeverReplaces(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            try fixture.folder.write("log", to: "metrics.jsonl")
            try fixture.folder.write("other", to: "taken")
            try fixture.folder.createDirectory("folder")
            for name in ["taken", "folder"] {
                do {
                    try await transport.move(relative("metrics.jsonl"), toNew: relative(name))
                    Issue.record("it moved onto \(name)")
                } catch let error as CollectorError {
                    guard case .exists = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
            #expect(try fixture.folder.readText("taken") == "other")
            #expect(try fixture.folder.readText("metrics.jsonl") == "log")
            try await transport.move(relative("metrics.jsonl"), toNew: relative("folder/metrics.jsonl.gen0001"))
            #expect(try fixture.folder.readText("folder/metrics.jsonl.gen0001") == "log")
            #expect(!fixture.folder.exists("metrics.jsonl"))
            await expectVanished { try await transport.move(relative("none"), toNew: relative("some")) }
        }
    }

    @Test(arguments: TransportFactory.writable)
    func attributesAreSet(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            try fixture.folder.write("x", to: "-file")
            let time: Int64 = 1_500_000_000_123_456_789
            try await transport.setAttributes(of: relative("-file"), mode: 0o640, modifiedNanoseconds: time)
            let identity = try FileIdentity(ofFileAt: fixture.folder.path(of: "-file"))
            #expect(identity.mode == 0o640)
            let unit: Int64 = transport.capabilities.contains(.fineTimes) ? 1 : 1_000_000_000
            #expect(identity.modifiedNanoseconds / unit == time / unit)
            try await transport.setAttributes(of: relative("-file"), mode: 0o600, modifiedNanoseconds: nil)
            let after = try FileIdentity(ofFileAt: fixture.folder.path(of: "-file"))
            #expect(after.mode == 0o600 && after.modifiedNanoseconds == identity.modifiedNanoseconds)
            await expectVanished {
                try await transport.setAttributes(of: relative("none"), mode: 0o600, modifiedNanoseconds: nil)
            }
        }
    }

    @Test(arguments: TransportFactory.writable)
    func removingTakesFilesAndEmptyFoldersOnly(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            try fixture.folder.write("x", to: "file")
            try fixture.folder.write("x", to: "full/file")
            try fixture.folder.createDirectory("empty")
            try await transport.remove(relative("file"))
            try await transport.remove(relative("file"))
            try await transport.remove(relative("no/such/file"))
            try await transport.remove(relative("empty"))
            #expect(!fixture.folder.exists("file") && !fixture.folder.exists("empty"))
            await #expect(throws: CollectorError.self) { try await transport.remove(relative("full")) }
            #expect(fixture.folder.exists("full/file"))
        }
    }

    @Test(arguments: TransportFactory.writable)
    func hostileNamesCanBeWrittenLikeOthers(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, _ in
            let transport = try fixture.writable()
            for (index, name) in TransportConformanceSafetyTests.hostileNames.enumerated() {
                let folder = try relative("top").appending(name)
                try await transport.createFolder(folder)
                let file = try folder.appending("part")
                let source = PieceSource([Array(name.utf8)])
                if index < 6 {
                    _ = try await transport.write(file, at: 0, truncating: true) { await source.next() }
                } else {
                    try fixture.folder.write(name, to: file.string)
                }
                try await transport.setAttributes(of: file, mode: 0o644, modifiedNanoseconds: 1_000_000_000)
                try await transport.replace(folder.appending(name), with: file)
                try await transport.move(folder.appending(name), toNew: folder.appending(name + "2"))
                #expect(try fixture.folder.readText("top/\(name)/\(name)2") == name)
                try await transport.remove(folder.appending(name + "2"))
                try await transport.remove(folder)
                #expect(!fixture.folder.exists("top/\(name)"), "\(name)")
            }
            #expect(!fixture.folder.exists("pwned"))
        }
    }
}
