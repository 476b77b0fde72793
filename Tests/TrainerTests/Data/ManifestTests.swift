import Audio
import Foundation
import TestSupport
import Testing

@testable import Trainer

/// Manifests: JSON arrays and JSON lines, with `audio_path` or `audio`, `text`, and maybe `duration` and `id`.
@Suite struct ManifestTests {
    private func read(_ text: String) throws -> (candidates: [Candidate], skipped: SkipTally, folder: String)
    {
        let folder = try TemporaryDirectory()
        try folder.write(text, to: "lists/train.json")
        var skipped = SkipTally()
        let candidates = try Manifest.read(folder.path(of: "lists/train.json"), &skipped)
        return (candidates, skipped, folder.path)
    }

    private static let array = """
        [
          {"audio_path": "a.wav", "text": "HELLO There, [\\"x\\"]"},
          {"audio": "/b/c.wav", "text": "two", "duration": 2.5, "id": "second"}
        ]
        """
    private static let lines = """
        {"audio_path": "a.wav", "text": "HELLO There, [\\"x\\"]"}

        {"audio": "/b/c.wav", "text": "two", "duration": 2.5, "id": "second"}\r

        """

    @Test(arguments: [array, lines, "\u{FEFF}" + array, "\u{FEFF}" + lines])
    func bothFormsReadAlike(text: String) throws {
        let (candidates, skipped, folder) = try read(text)
        #expect(skipped.total == 0)
        #expect(candidates.map(\.id) == ["a.wav", "second"])
        #expect(candidates.map(\.audioPath) == ["\(folder)/lists/a.wav", "/b/c.wav"])
        #expect(candidates.map(\.text) == ["hello there, [\"x\"]", "two"])
        #expect(candidates.map(\.durationSeconds) == [nil, 2.5])
    }

    @Test func badEntriesAreToldWithTheirLines() throws {
        let entries = [
            "{\"audio_path\": \"a\", \"text\": \"good\"}", "{\"audio_path\": \"a\"}", "{\"text\": \"a\"}",
            "{\"audio\": 5, \"text\": \"a\"}", "{\"audio\": \"a\", \"text\": null}", "[1, 2]",
            "{\"audio\": \"a\", \"text\": \"b\", \"duration\": \"long\"}",
            "{\"audio\": \"a\", \"text\": \"b\", \"duration\": -1}",
            "{\"audio\": \"a\", \"text\": \"b\", \"id\": 7}", "{\"audio\": \"a\" \"text\": \"b\"}",
        ]
        let expected = [
            2: "audio_path is missing",
            1: "text is missing",
            3: "audio_path is not a path",
            4: "text is not a text",
            5: "it is not an object with audio_path and text",
            6: "duration is not a number of seconds",
            7: "duration is not a number of seconds",
            8: "id is not a text",
        ]
        for (position, entry) in entries.enumerated().dropFirst() {
            let (candidates, skipped, folder) = try read(entries[0] + "\n" + entry + "\n")
            #expect(candidates.map(\.id) == ["a"])
            #expect(skipped.counts == [.malformedEntry: 1])
            let example = skipped.examples[.malformedEntry]?.first ?? ""
            #expect(example.hasPrefix("\(folder)/lists/train.json:2: "))
            if let reason = expected[position] { #expect(example.hasSuffix(": \(reason)")) }
        }
        let (candidates, skipped, folder) = try read("[\n" + entries.joined(separator: ",\n") + "\n]\n")
        #expect(candidates.count == 1)
        #expect(skipped.counts == [.malformedEntry: 9])
        #expect(
            skipped.examples[.malformedEntry]?.first == "\(folder)/lists/train.json:3: text is missing"
        )
    }

    @Test(arguments: [
        ("[\n{\"audio\": \"a\",\n", "3: the array does not end; the file seems to be cut off"),
        ("[\n{}\n]\n{}", "4: something follows the end of the array"),
        ("[\n,{}]", "2: an element is missing before the comma"),
    ])
    func anArrayThatDoesNotEndIsAnError(text: String, expected: String) throws {
        do {
            _ = try read(text)
            Issue.record("it was read")
        } catch {
            #expect("\(error)".hasSuffix("/lists/train.json:\(expected)"))
        }
    }

    /// Whatever a manifest holds, it is read or refused.
    @Test func noTextTraps() throws {
        var random = SeededRandom.fresh()
        let pieces = [
            "[", "]", "{", "}", "\"", "\\", ",", ":", "audio", "text", "1", " ", "\n", "null", "\u{0}", "ä",
        ]
        for _ in 0..<500 { _ = try? read(random.text(0...30, of: pieces)) }
    }

    @Test func aManifestBecomesACorpus() async throws {
        let folder = try TemporaryDirectory()
        let bytes = try AudioWriter.encode(TestCorpus.tone(1, seconds: 0.5), as: .wav16)
        try folder.write(bytes, to: "sound/a.wav")
        try folder.write(
            """
            {"audio_path": "sound/a.wav", "text": "ONE"}
            {"audio_path": "sound/a.wav", "text": "AGAIN"}
            {"audio_path": "sound/b.wav", "text": "MISSING"}
            {"audio_path": "sound/c.wav", "text": "TRUSTED", "duration": 1}
            {"audio_path": "sound/d.wav", "text": "LONG", "duration": 31}
            """,
            to: "a.jsonl"
        )
        let corpus = try await Corpus.read(
            [folder.path(of: "a.jsonl")],
            format: .manifest,
            limits: CorpusLimits()
        )
        #expect(corpus.utterances.map(\.text) == ["one", "trusted"])
        #expect(corpus.utterances.map(\.durationSeconds) == [0.5, 1])
        #expect(corpus.skipped.counts == [.duplicate: 1, .missingAudio: 1, .tooLong: 1])
    }
}
