import Audio
import Files
import Foundation
import TestSupport
import Testing

@testable import Demonstration

/// The demonstration's speech: honest parts, LibriSpeech's layout, the same every time.
@Suite(.timeLimit(.minutes(1))) struct SpokenCorpusTests {
    private static let hasSpeaker = ["/usr/bin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/espeak-ng")
    }

    @Test func noHeldOutSentenceIsLearntFrom() {
        let corpus = SpokenCorpus(folder: "speech")
        let training = Set(corpus.texts(of: "train").map(\.text))
        let (evaluation, test) = (corpus.texts(of: "dev").map(\.text), corpus.texts(of: "test").map(\.text))
        #expect(corpus.texts(of: "train").count == 400)
        #expect(evaluation.count == 30 && test.count == 30)
        #expect(training.isDisjoint(with: evaluation) && training.isDisjoint(with: test))
        #expect(Set(evaluation).isDisjoint(with: test))
        let words = { (texts: [String]) in Set(texts.flatMap { $0.split(separator: " ") }) }
        #expect(words(Array(training)) == words(SpokenSentences(seed: 7).all))
        #expect(SpokenSentences(seed: 7).all.count == 400)
        #expect(Set(SpokenSentences(seed: 7).all).count == 400)
    }

    @Test func theSameSeedPlansTheSameCorpus() {
        #expect(SpokenSentences(seed: 7).all == SpokenSentences(seed: 7).all)
        #expect(SpokenSentences(seed: 7).all != SpokenSentences(seed: 8).all)
        let paths = SpokenCorpus(folder: "a").texts(of: "train").map(\.path)
        #expect(paths == SpokenCorpus(folder: "a").texts(of: "train").map(\.path))
        #expect(Set(paths).count == paths.count)
    }

    @Test(.enabled(if: hasSpeaker, "needs espeak-ng"))
    func speechIsWrittenAsLibriSpeechHasIt() async throws {
        let folder = try TemporaryDirectory()
        let sizes = SpokenCorpus.Sizes(training: 4, evaluation: 2, test: 1)
        let corpus = SpokenCorpus(folder: folder.path, sizes: sizes)
        try await corpus.speak()
        for (path, text) in corpus.texts(of: "train") {
            let information = try AudioFile.information(path)
            #expect(information.sampleRateHz == 16_000)
            #expect((information.durationSeconds ?? 0) > 0.8)
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let speaker = name.prefix(3)
            let transcript = try String(
                contentsOfFile: "\(folder.path)/train/\(speaker)/1/\(speaker)-1.trans.txt",
                encoding: .utf8
            )
            #expect(transcript.contains("\(name) \(text.uppercased())\n"))
        }
        // A second time nothing is said anew.
        let first = try #require(corpus.texts(of: "test").first).path
        let before = try #require(FileIdentity.find(first))
        try await corpus.speak()
        #expect(FileIdentity.find(first)?.modifiedNanoseconds == before.modifiedNanoseconds)
    }

    /// Cancelling ends the speaker, which is not to blame then, and leaves whole recordings only.
    @Test(.enabled(if: hasSpeaker, "needs espeak-ng"))
    func speakingIsCancelled() async throws {
        let folder = try TemporaryDirectory()
        let corpus = SpokenCorpus(folder: folder.path, sizes: SpokenCorpus.Sizes(training: 5_000))
        let first = try #require(corpus.texts(of: "dev").first).path
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await corpus.speak() }
                group.addTask { try await waitUntil { FileIdentity.find(first) != nil } }
                _ = try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        let files = try DirectoryTree.walk(folder.path).filter {
            $0.kind == .file && $0.path.string != "plan.tsv"
        }
        #expect(!files.isEmpty && files.count < corpus.count)
        for file in files { _ = try AudioFile.information(file.path.below(folder.path)) }
    }

    @Test func aLargeCorpusHasNoNameTwice() {
        let corpus = SpokenCorpus(folder: "a", sizes: SpokenCorpus.Sizes(training: 30_000))
        #expect(Set(corpus.texts(of: "train").map(\.path)).count == 30_000)
    }
}
