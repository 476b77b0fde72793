import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite struct HostFileEditorTests {
    private static func host(_ name: String, address: String = "root@203.0.113.7:20544") throws -> KnownHost {
        let reference = try Location.HostReference(address, allowsPort: true)
        return KnownHost(
            name: name,
            user: reference.user,
            address: reference.name,
            port: reference.port ?? 22,
            keys: [try #require(HostKey(HostFileTests.key))]
        )
    }

    private static let text = """
        # Who may be trusted. Ask Ada before you change this.
        hosts:
            # The way in.
            bastion:
                address: jump@192.0.2.1:22   # moved in May
                host_key: \(HostFileTests.key)
                # Its key is on the yellow note.

            # The big one.
            gpu: # four cards
                address: 'root@203.0.113.7:20544'
                host_key: \(HostFileTests.key)
                jump: bastion
        # The end.
        """

    @Test func addingKeepsEveryLineThatWasThere() throws {
        let editor = HostFileEditor(text: Self.text, file: "h")
        let changed = try editor.adding(Self.host("new"))
        #expect(
            changed == Self.text + "\n    new:\n      address: root@203.0.113.7:20544\n"
                + "      host_key: \(HostFileTests.key)\n"
        )
        // Again and again, from nothing.
        var text = ""
        for name in ["a", "b", "c"] {
            text = try HostFileEditor(text: text, file: "h").adding(Self.host(name, address: "[::1]:\(2000)"))
        }
        #expect(try HostFile.parse(text, file: "h").map(\.name) == ["a", "b", "c"])
        #expect(try HostFile.parse(text, file: "h").allSatisfy { $0.address == "::1" && $0.port == 2000 })
    }

    @Test func removingTakesTheBlockAndNoCommentOfOthers() throws {
        let editor = HostFileEditor(text: Self.text, file: "h")
        let withoutGPU = try editor.removing("gpu")
        #expect(
            withoutGPU.contains("Ask Ada") && withoutGPU.contains("The end.")
                && withoutGPU.contains("The big one.")
        )
        #expect(!withoutGPU.contains("203.0.113.7") && withoutGPU.contains("yellow note"))
        let alone = try HostFileEditor(
            text: Self.text.replacing("        jump: bastion\n", with: ""),
            file: "h"
        )
        .removing("bastion")
        #expect(
            alone.contains("The big one.") && alone.contains("The way in.") && !alone.contains("192.0.2.1")
        )
        #expect(!alone.contains("yellow note"))
        // The last one may go, too.
        let none = try HostFileEditor(text: withoutGPU, file: "h").removing("bastion")
        #expect(try HostFile.parse(none, file: "h").isEmpty)
        #expect(
            try HostFile.parse(HostFileEditor(text: none, file: "h").adding(Self.host("gpu")), file: "h")
                .count == 1
        )
    }

    @Test func movingChangesTheAddressAlone() throws {
        let editor = HostFileEditor(text: Self.text, file: "h")
        let address = try Location.HostReference("root@198.51.100.9:41000", allowsPort: true)
        let moved = try editor.moving("gpu", to: address)
        #expect(moved == Self.text.replacing("'root@203.0.113.7:20544'", with: "root@198.51.100.9:41000"))
        let bastion = try editor.moving("bastion", to: address)
        #expect(
            bastion
                == Self.text.replacing(
                    "jump@192.0.2.1:22   # moved",
                    with: "root@198.51.100.9:41000   # moved"
                )
        )
        #expect(throws: CollectorError.hostUnknown("none")) { try editor.moving("none", to: address) }
    }

    @Test func whatCannotBeChangedSafelyIsLeftAlone() throws {
        let flow = "hosts: {gpu: {address: a, host_key: \(HostFileTests.key)}}\n"
        for change in [
            { try HostFileEditor(text: flow, file: "h").adding(Self.host("new")) },
            { try HostFileEditor(text: flow, file: "h").removing("gpu") },
        ] {
            #expect {
                _ = try change()
            } throws: {
                "\($0)".contains("by hand")
            }
        }
        #expect(throws: CollectorError.self) {
            try HostFileEditor(text: Self.text, file: "h").adding(Self.host("gpu"))
        }
        #expect(throws: CollectorError.self) {
            try HostFileEditor(text: "nonsense", file: "h").adding(Self.host("a"))
        }
    }

    @Test func everyHostThatIsWrittenIsReadTheSame() throws {
        var random = SeededRandom.fresh()
        let letters = Array("aZ09 .-_/@:+=~'\"\\#{}[]&*!|>%?,`ü漢\t")
        for _ in 0..<500 {
            func path() -> String? {
                guard Bool.random(using: &random) else { return nil }
                let count = Int.random(in: 1...12, using: &random)
                return "/"
                    + String((0..<count).compactMap { _ in letters.randomElement(using: &random) })
                    .replacing("\t", with: "")
            }
            var host = try Self.host(
                "gpu",
                address: ["a", "u@h:1", "[fe80::1%eth0]:3"].randomElement(using: &random) ?? "a"
            )
            (host.identityFile, host.passphraseFile, host.passwordFile) = (path(), path(), path())
            host.usesAgent = Bool.random(using: &random)
            if Bool.random(using: &random) { host.keys += host.keys }
            let text = "hosts:\n" + HostFileEditor.block(host, indent: Int.random(in: 1...6, using: &random))
            #expect(try HostFile.parse(text, file: "h") == [host], "\(text) \(random)")
        }
    }
}
