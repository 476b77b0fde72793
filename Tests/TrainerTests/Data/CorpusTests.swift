import Audio
import Foundation
import TestSupport
import Testing

@testable import Trainer

/// Folders of LibriSpeech's layout: what can be used is found, and everything else is counted and told.
@Suite struct CorpusTests {
    private func read(_ paths: String..., limits: CorpusLimits = CorpusLimits()) async throws -> Corpus {
        try await Corpus.read(paths, format: .librispeech, limits: limits)
    }

    @Test func recordingsAreFoundWithTheirTextsAndLengths() async throws {
        let folder = try TestCorpus.folder(seconds: [0.5, 0.25, 1, 0.75])
        let corpus = try await read(folder.path)
        #expect(corpus.skipped.total == 0)
        #expect(corpus.utterances.map(\.id) == ["10-100-0000", "10-100-0001", "10-100-0002", "10-101-0000"])
        #expect(corpus.utterances.map(\.text) == ["word 0", "word 1", "word 2", "word 3"])
        #expect(corpus.utterances.map(\.durationSeconds) == [0.5, 0.25, 1, 0.75])
        #expect(corpus.utterances[3].audioPath == folder.path(of: "10/101/10-101-0000.flac"))
        #expect(corpus.totalSeconds == 2.5)
    }

    @Test func everySoundFormatAndRateCounts() async throws {
        let folder = try TemporaryDirectory()
        let encodings: [(AudioEncoding, Int)] = [(.wav16, 8_000), (.wavFloat, 44_100), (.flac16, 22_050)]
        for (number, (encoding, rate)) in encodings.enumerated() {
            let bytes = try AudioWriter.encode(
                TestCorpus.tone(number, seconds: 0.5, rateHz: rate),
                as: encoding
            )
            try folder.write(bytes, to: "1/2/1-2-\(number).\(encoding.fileExtension)")
        }
        try folder.write("1-2-0 a\r\n1-2-1\tb\n\n1-2-2   C  d ", to: "1/2/1-2.trans.txt")
        let corpus = try await read(folder.path)
        #expect(corpus.utterances.map(\.text) == ["a", "b", "c d"])
        #expect(corpus.utterances.allSatisfy { abs($0.durationSeconds - 0.5) < 1e-4 })
    }

    @Test func severalRootsFollowEachOther() async throws {
        let first = try TestCorpus.folder(seconds: [0.5])
        let second = try TestCorpus.folder(seconds: [0.5, 0.5])
        let corpus = try await read(first.path, second.path)
        #expect(corpus.utterances.map(\.id) == ["10-100-0000", "10-100-0001"])
        #expect(corpus.skipped.counts == [.duplicate: 1])
    }

    @Test func whatCannotBeUsedIsCountedAndTold() async throws {
        let folder = try TestCorpus.folder(seconds: [0.5, 0.02, 2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
        let flac = try folder.read("10/101/10-101-0000.flac")
        try folder.write(Array(flac.prefix(20)), to: "10/101/10-101-0000.flac")
        try folder.write("not sound", to: "10/101/10-101-0001.flac")
        try folder.write([], to: "10/101/10-101-0002.flac")
        try folder.write(
            Array("11-102-0000 \n11-102-0001 '...'\n11-102-0003 NOWHERE\n11-102-0002 ".utf8) + [0xFF, 0x0A],
            to: "11/102/11-102.trans.txt"
        )
        try folder.write(
            "11-103-0000 \(String(repeating: "LONG ", count: 60))\n",
            to: "11/103/11-103.trans.txt"
        )
        try folder.write("nothing to do with it", to: "README.TXT")
        let limits = CorpusLimits(maximumSeconds: 1, maximumTokenCount: 100) { $0.utf8.count }
        let corpus = try await read(folder.path, limits: limits)
        #expect(corpus.utterances.map(\.id) == ["10-100-0000"])
        let lines = corpus.skipped.lines.joined(separator: "\n")
        assertSnapshot(lines.replacing(folder.path, with: "FOLDER") + "\n", as: "skipped.txt")
    }

    @Test func aCorpusWithoutUtterancesIsAnError() async throws {
        let empty = try TemporaryDirectory()
        let missing = empty.path(of: "missing")
        for (path, expected) in [
            (empty.path, "\(empty.path): no utterance can be used; there is nothing in it"),
            (
                missing,
                "\(missing): cannot list the folder: No such file or directory; check the spelling, or create it first"
            ),
        ] {
            do {
                _ = try await read(path)
                Issue.record("it was read")
            } catch {
                #expect("\(error)" == expected)
            }
        }
    }

    /// A root may be a link; links to recordings are followed, and links to folders are told.
    @Test func linksAreFollowedOrTold() async throws {
        let folder = try TestCorpus.folder(seconds: [0.5])
        let links = try TemporaryDirectory()
        let manager = FileManager.default
        let root = links.path(of: "root")
        try manager.createSymbolicLink(atPath: root, withDestinationPath: folder.path)
        #expect(try await read(root).utterances.count == 1)
        try links.createDirectory("own")
        try manager.createSymbolicLink(
            atPath: links.path(of: "own/a.flac"),
            withDestinationPath: folder.path(of: "10/100/10-100-0000.flac")
        )
        try manager.createSymbolicLink(
            atPath: links.path(of: "own/more"),
            withDestinationPath: folder.path
        )
        try links.write("a TEXT", to: "own/a.trans.txt")
        let corpus = try await read(links.path(of: "own"))
        #expect(corpus.utterances.map(\.text) == ["text"])
        #expect(corpus.skipped.counts == [.unreadable: 1])
    }

    @Test func theOrderDoesNotDependOnThreads() async throws {
        let folder = try TestCorpus.folder(seconds: (0..<20).map { 0.1 + Double($0) / 100 })
        let one = try await Corpus.read(
            [folder.path],
            format: .librispeech,
            limits: CorpusLimits(maximumSeconds: 0.2),
            workerCount: 1
        )
        let many = try await Corpus.read(
            [folder.path],
            format: .librispeech,
            limits: CorpusLimits(maximumSeconds: 0.2),
            workerCount: 8
        )
        #expect(one.utterances == many.utterances)
        #expect(one.skipped == many.skipped)
        #expect(one.skipped.counts == [.tooLong: 9])
    }

    @Test(arguments: [
        ("HELLO  World\n", "hello world"), ("  ÄRGER\u{2003}über\t", "ärger über"), ("don't", "don't"),
        ("...", ""),
        ("", ""), (" \u{A0} ", ""), ("4", "4"), ("İ", "i\u{307}"),
    ])
    func textsAreLowerCaseWords(text: String, expected: String) {
        #expect(TranscriptText.normalized(text) == expected)
        #expect(TranscriptText.normalized(expected) == expected)
    }

    @Test func talliesAddUp() {
        var first = SkipTally()
        var second = SkipTally()
        for number in 0..<2 { first.add(.tooLong, "a\(number)") }
        for number in 0..<5 { second.add(.tooLong, "b\(number)") }
        second.add(.damaged, "c")
        first.merge(second)
        #expect(first.total == 8)
        #expect(first.counts == [.tooLong: 7, .damaged: 1])
        #expect(first.examples[.tooLong] == ["a0", "a1", "b0"])
        #expect(
            first.lines == [
                "7 left out: too long", "    a0", "    a1", "    b0", "    and 4 more", "1 left out: damaged",
                "    c",
            ]
        )
    }
}
