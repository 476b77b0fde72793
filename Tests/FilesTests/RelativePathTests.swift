import Files
import TestSupport
import Testing

@Suite struct RelativePathTests {
    @Test(arguments: [
        "", "/", "/etc/passwd", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a/../../b", "a\0b", "a\nb",
        "a\r",
        "/a",
    ])
    func `refuses what could leave the root or cannot name a file`(text: String) {
        #expect(throws: FilesError.self) { try RelativePath(validating: text) }
    }

    @Test(arguments: [
        "a", "a/b/c.html", "...", ".hidden", "..a/b..", "a b/ü", "e\u{301}", "%2e%2e", "a\\b", "~", "-rf",
        "\u{202e}txt", "a\u{1F600}",
    ])
    func `keeps what is safe as it is`(text: String) throws {
        let path = try RelativePath(validating: text)
        #expect(Array(path.string.utf8) == Array(text.utf8))
        #expect(path.components.joined(separator: "/") == text)
        #expect(path.below("/root") == "/root/" + text)
        #expect(path.below("/") == "/" + text)
    }

    @Test func `counts lengths in bytes`() throws {
        _ = try RelativePath(validating: String(repeating: "x", count: 255))
        _ = try RelativePath(validating: String(repeating: "abcdefghi/", count: 409) + "abcdef")
        for tooLong in [
            String(repeating: "x", count: 256),
            "a/" + String(repeating: "é", count: 128),
            String(repeating: "abcdefghi/", count: 409) + "abcdefg",
        ] {
            #expect(throws: FilesError.self) { try RelativePath(validating: tooLong) }
        }
    }

    @Test func `tells names apart that differ only in normalisation`() throws {
        let composed = try RelativePath(validating: "caf\u{e9}")
        let decomposed = try RelativePath(validating: "cafe\u{301}")
        #expect(composed.string == decomposed.string, "Swift strings are equal here; files are not")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect((composed < decomposed) != (decomposed < composed))
    }

    @Test func `sorts a folder's contents right after the folder`() throws {
        let names = ["a", "a/b", "a/b/c", "a/z", "a-b", "a.html", "ab", "b"]
        let sorted = try names.reversed().map { try RelativePath(validating: $0) }.sorted()
        #expect(sorted.map(\.string) == names)
    }

    @Test func `knows its parts`() throws {
        let path = try RelativePath(validating: "runs/a/index.html")
        #expect(path.lastComponent == "index.html")
        #expect(path.parent?.string == "runs/a")
        #expect(path.parent?.parent?.parent == nil)
        #expect(try path.parent?.appending("x").string == "runs/a/x")
        #expect(try path.withSuffix(".gz").string == "runs/a/index.html.gz")
        #expect(throws: FilesError.self) { try path.appending("x/y") }
        #expect(throws: FilesError.self) { try path.appending("..") }
        #expect(throws: FilesError.self) { try path.withSuffix("/..") }
        #expect(throws: FilesError.self) { try path.withSuffix(String(repeating: "x", count: 250)) }
    }

    /// Whatever is accepted names something below the root, by the rules of an independent normaliser.
    @Test func `never escapes, whatever it is made of`() {
        var random = SeededRandom.fresh()
        let pieces = [
            "/", "//", ".", "..", "a", "b.c", "\0", "\n", "\u{301}", "é", " ", "\\", "~", "/.", "./",
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            let text = random.text(0...8, of: pieces)
            guard let path = try? RelativePath(validating: text) else { continue }
            accepted += 1
            var stack: [[UInt8]] = []
            for component in Array(path.below("/root").utf8).split(separator: UInt8(ascii: "/")) {
                if component.elementsEqual("..".utf8) {
                    _ = stack.popLast()
                } else if !component.elementsEqual(".".utf8) {
                    stack.append(Array(component))
                }
            }
            #expect(stack.count == path.components.count + 1, "\(random) \(text.debugDescription)")
            #expect(stack.first == Array("root".utf8), "\(random) \(text.debugDescription)")
            let again = try? RelativePath(validating: path.string)
            #expect(again == path, "\(random) \(text.debugDescription)")
        }
        #expect(accepted > 500, "the generator makes too few good paths to prove anything; \(random)")
    }
}
