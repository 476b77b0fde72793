import Collector
import Files
import Foundation
import TestSupport
import Testing

/// What no transport does, whatever names and links the other side has; sync.md, section 7, test 13.
@Suite(.serialized)
struct TransportConformanceSafetyTests {
    /// Names that shells, options, globs and terminals would misunderstand.
    static let hostileNames = [
        "-rf", "--help", "a b", " lead", "trail ", "quote'quote", "double\"quote", "back\\slash",
        "dollar$HOME",
        "back`tick`", "semi;touch pwned", "amp&", "star*", "question?", "[bracket]", "{a,b}", "~", "#hash",
        "!bang",
        "pipe|", "tab\tname", "escape\u{1B}[31m", "ünïcode", "漢字", "%41", "%2e%2e", "a=b", "@at",
        "$(touch pwned)",
        "...", "..x", "name.", "con:colon", "\u{7F}delete",
    ]

    @Test(arguments: TransportFactory.available)
    func hostileNamesAreFilesLikeOthersOrRefusedButNeverObeyed(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.list) else { return }
            for name in Self.hostileNames {
                try fixture.folder.write("in \(name)", to: "top/\(name)/\(name)")
            }
            let listing = try await transport.list(nil, recursively: true)
            let listed = Set(listing.files.map(\.path.string))
            // A web server also hides what begins with a dot.
            let expected = Self.hostileNames.filter { factory.tellsLinks || !$0.hasPrefix(".") }
            for name in expected {
                // A transport may refuse a name, and then says so.
                guard listed.contains("top/\(name)/\(name)") else {
                    #expect(!listing.problems.isEmpty, "\(name) is neither listed nor refused")
                    continue
                }
                let file = try relative("top/\(name)/\(name)")
                let expected = Array("in \(name)".utf8)
                #expect(try await transport.bytes(of: file, from: 0, count: 100) == expected, "\(name)")
                #expect(try await transport.bytes(of: file, from: 0, count: 2 << 20) == expected, "\(name)")
                #expect(try await transport.status(of: file)?.size == expected.count, "\(name)")
                if transport.capabilities.contains(.hash) {
                    let hash = try await transport.sha256(of: file, prefix: nil)
                    #expect(hash == SHA256Value(hashing: expected), "\(name)")
                }
            }
            #expect(!fixture.folder.exists("pwned") && !fixture.folder.exists("top/pwned"))
        }
    }

    @Test(arguments: TransportFactory.available)
    func namesThatAreNotTextOrHaveLineBreaksAreReportedAndTheRestIsListed(
        _ factory: TransportFactory
    ) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.list) else { return }
            try fixture.folder.write("x", to: "good")
            try fixture.folder.write("x", to: "line\nbreak")
            try fixture.folder.write("x", to: "return\rhere")
            let raw = Array(fixture.folder.path(of: "bad").utf8) + [0xFF, 0xFE, 0]
            let descriptor = open(raw.map { CChar(bitPattern: $0) }, O_CREAT, 0o600)
            #expect(descriptor >= 0)
            close(descriptor)
            let listing = try await transport.list(nil, recursively: true)
            #expect(listing.files.map(\.path.string).contains("good"))
            #expect(!listing.problems.isEmpty)
            for file in listing.files {
                #expect(!file.path.string.utf8.contains { $0 == 0x0A || $0 == 0x0D })
            }
        }
    }

    @Test(arguments: TransportFactory.available.filter(\.tellsLinks))
    func linksAreSeenAndNeverFollowed(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            let outside = try TemporaryDirectory()
            try outside.write("secret", to: "secret.txt")
            try outside.write("deep", to: "folder/deep.txt")
            try fixture.folder.write("x", to: "inside/real.txt")
            let links = [
                ("link.txt", outside.path(of: "secret.txt")), ("linked", outside.path(of: "folder")),
                ("inside/sibling", "real.txt"), ("dangling", "/nowhere/at/all"), ("circle", "circle"),
                ("inside/up", ".."),
            ]
            for (name, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: fixture.folder.path(of: name),
                    withDestinationPath: target
                )
            }
            if transport.capabilities.contains(.list) {
                let listing = try await transport.list(nil, recursively: true)
                #expect(!listing.files.contains { $0.path.string.hasPrefix("linked/") })
                #expect(!listing.files.contains { $0.path.string.hasPrefix("inside/up/") })
                for (name, _) in links {
                    let file = listing.files.first { $0.path.string == name }
                    if let file { #expect(file.status.kind == .symbolicLink, "\(name)") }
                }
            }
            for name in [
                "link.txt", "inside/sibling", "linked/deep.txt", "dangling", "circle", "inside/up/link.txt",
            ] {
                for count in [100, 2 << 20] {
                    await #expect(throws: CollectorError.self, "\(name)") {
                        try await transport.bytes(of: relative(name), from: 0, count: count)
                    }
                }
                if transport.capabilities.contains(.hash) {
                    await #expect(throws: CollectorError.self, "\(name)") {
                        try await transport.sha256(of: relative(name), prefix: nil)
                    }
                }
            }
            // Behind a link there is nothing, or a refusal.
            if let status = try? await transport.status(of: relative("linked/deep.txt")) {
                #expect(status.kind != .file)
            }
            await #expect(throws: CollectorError.self) {
                let listing = try await transport.list(relative("linked"), recursively: true)
                #expect(listing.files.isEmpty)
            }
            try await refusesToWriteThroughLinks(fixture, outside)
        }
    }

    private func refusesToWriteThroughLinks(
        _ fixture: TransportFixture,
        _ outside: TemporaryDirectory
    ) async throws {
        guard fixture.transport.capabilities.contains(.write),
            let transport = fixture.transport as? any WritableTransport
        else { return }
        for name in ["link.txt", "linked/deep.txt", "linked/new.txt", "dangling", "inside/up/new"] {
            await #expect(throws: CollectorError.self, "\(name)") {
                let source = PieceSource([Array("overwritten".utf8)])
                _ = try await transport.write(relative(name), at: 0, truncating: true) { await source.next() }
            }
        }
        await #expect(throws: CollectorError.self) {
            try await transport.createFolder(relative("linked/new"))
        }
        await #expect(throws: CollectorError.self) {
            try await transport.createFolder(relative("link.txt/new"))
        }
        await #expect(throws: CollectorError.self) {
            try await transport.replace(relative("linked/x"), with: relative("inside/real.txt"))
        }
        await #expect(throws: CollectorError.self) {
            try await transport.move(relative("inside/real.txt"), toNew: relative("linked/x"))
        }
        await #expect(throws: CollectorError.self) { try await transport.remove(relative("linked/deep.txt")) }
        await #expect(throws: CollectorError.self) {
            try await transport.setAttributes(of: relative("link.txt"), mode: 0o777, modifiedNanoseconds: nil)
        }
        #expect(try outside.readText("secret.txt") == "secret")
        #expect(try outside.readText("folder/deep.txt") == "deep")
        #expect(
            !outside.exists("folder/new.txt") && !outside.exists("folder/new") && !outside.exists("folder/x")
        )
        #expect(fixture.folder.exists("inside/real.txt"))
        // A link itself may be removed.
        try await transport.remove(relative("link.txt"))
        #expect(outside.exists("secret.txt") && !fixture.folder.exists("link.txt"))
    }

    @Test(arguments: TransportFactory.available)
    func pipesAndDevicesAreNotOpened(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            mkfifo(fixture.folder.path(of: "pipe"), 0o600)
            for count in [10, 2 << 20] {
                let outcome = await withDeadline(seconds: 10) { () -> Bool? in
                    do {
                        _ = try await transport.bytes(of: relative("pipe"), from: 0, count: count)
                        return false
                    } catch { return error is CollectorError }
                }
                #expect(outcome == true)
            }
            let status = try await transport.status(of: relative("pipe"))
            #expect(status?.kind != .file)
        }
    }
}

/// Hands out pieces, then nothing.
actor PieceSource {
    private var pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    func next() -> [UInt8] { pieces.isEmpty ? [] : pieces.removeFirst() }
}
