import TestSupport
import Testing

@testable import Trainer

@Suite struct TokenizerTrainingTests {
    private func corpus() throws -> TokenizerCorpus {
        try TokenizerCorpus(contentsOf: [TokenizerFixture.path(of: "corpus.txt")])
    }

    private func message(_ training: TokenizerTraining, _ corpus: TokenizerCorpus) -> String? {
        do {
            _ = try training.train(on: corpus)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The fixture's settings and sentences give the fixture's vocabulary, and so its ids.
    @Test func theFixtureIsTrainedAgain() throws {
        let trained = try TokenizerTraining(vocabularySize: 60).train(on: corpus())
        #expect(trained.sentenceCount == 200)
        #expect(trained.leftOutCount == 0)
        let tokenizer = try Tokenizer(trained.file, path: "trained")
        #expect(try tokenizer.pieces == TokenizerFixture.tokenizer().pieces)
        for one in try TokenizerFixture.cases().encode {
            #expect(try tokenizer.encode(one.text) == one.ids, "\(one.text)")
        }
    }

    @Test(arguments: [
        TokenizerTraining(vocabularySize: 120), TokenizerTraining(vocabularySize: 90, modelType: .unigram),
        TokenizerTraining(vocabularySize: 31, modelType: .char),
        TokenizerTraining(vocabularySize: 60, characterCoverage: 0.99),
    ])
    func everyTypeIsTrainedTwiceTheSame(training: TokenizerTraining) throws {
        let corpus = try corpus()
        let first = try training.train(on: corpus)
        #expect(try training.train(on: corpus).file == first.file)
        let folder = try TemporaryDirectory()
        let tokenizer = try first.write(to: folder.path(of: "t.model"))
        #expect(try folder.read("t.model") == first.file)
        #expect(tokenizer.vocabularySize == training.vocabularySize)
        let text = "the old man told a story about the winter"
        #expect(try tokenizer.decode(tokenizer.encode(text, addingBounds: true)) == text)
    }

    @Test func sizesThatCannotBeSayWhatCan() throws {
        let corpus = try corpus()
        let large = message(TokenizerTraining(vocabularySize: 5000), corpus)
        let largest = try #require(large.flatMap { $0.firstMatch(of: /at most (\d+)/) }.flatMap { Int($0.1) })
        #expect(message(TokenizerTraining(vocabularySize: largest), corpus) == nil)
        #expect(
            message(TokenizerTraining(vocabularySize: largest + 1), corpus)?.contains("too large") == true
        )

        let small = message(TokenizerTraining(vocabularySize: 10), corpus)
        let smallest = try #require(
            small.flatMap { $0.firstMatch(of: /at least (\d+)/) }.flatMap { Int($0.1) }
        )
        #expect(message(TokenizerTraining(vocabularySize: smallest), corpus) == nil)
        #expect(
            message(TokenizerTraining(vocabularySize: smallest - 1), corpus)?.contains("too small") == true
        )

        #expect(
            message(TokenizerTraining(vocabularySize: 32, modelType: .char), corpus)?.contains("at most 31")
                == true
        )
        #expect(
            message(TokenizerTraining(vocabularySize: 30, modelType: .char), corpus)?.contains("at least 31")
                == true
        )
        #expect(
            message(TokenizerTraining(vocabularySize: 4), corpus)?.contains("not between 5 and 1000000")
                == true
        )
        #expect(
            message(TokenizerTraining(vocabularySize: 60, characterCoverage: .nan), corpus)?
                .contains("not between 0.98 and 1") == true
        )
    }

    @Test func anEmptyCorpusIsAnError() {
        let training = TokenizerTraining(vocabularySize: 60)
        #expect(message(training, TokenizerCorpus([" ", "\n"]))?.contains("the corpus is empty") == true)
        #expect(
            message(training, TokenizerCorpus(["a\0b", "▅"]))?.contains("has no usable sentence") == true
        )
    }

    @Test func sentencesAreNormalisedAndLeftOnesCounted() throws {
        let long = String(repeating: "a ", count: TokenizerCorpus.maximumSentenceBytes)
        let corpus = TokenizerCorpus(["THE  Cat", "", "a▅", long, "sat"])
        #expect(String(decoding: corpus.bytes, as: UTF8.self) == "the catsat")
        #expect(corpus.ends == [7, 10])
        #expect(corpus.leftOutCount == 2)
    }

    /// `<speaker>-<chapter>.trans.txt` holds lines "ID TEXT".
    @Test func librispeechFoldersAreRead() throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            "84-121550-0000 BUT WITH\r\n84-121550-0001 FULL OF",
            to: "84/121550/84-121550.trans.txt"
        )
        try folder.write("12-1-0000 FIRST\n\n12-1-0001\n", to: "12/1/12-1.trans.txt")
        try folder.write("no transcript", to: "12/1/readme.txt")
        let corpus = try TokenizerCorpus(contentsOf: [folder.path])
        #expect(String(decoding: corpus.bytes, as: UTF8.self) == "firstbut withfull of")
        #expect(corpus.count == 3)
        let empty = try TemporaryDirectory()
        let error = #expect(throws: TrainerError.self) { try TokenizerCorpus(contentsOf: [empty.path]) }
        #expect(error.map { "\($0)".contains("there is no .trans.txt file below this folder") } == true)
        let missing = #expect(throws: TrainerError.self) {
            try TokenizerCorpus(contentsOf: [folder.path(of: "x")])
        }
        #expect(missing.map { "\($0)".contains("No such file or directory") } == true)
    }

    /// The library ends the process where it meets what it thinks impossible: no corpus may bring it there.
    @Test func oddCorporaAreSurvived() throws {
        var random = SeededRandom.fresh()
        let pieces = [
            "a", "b", "ab", " ", "  ", "\t", "<pad>", "<unk>", "</s>", "▁", "\u{200B}", "\u{FEFF}",
            "\u{FFFD}", "\u{FFFF}",
            "é", "e\u{301}", "你", "😀", "'", "\u{1}", "\u{AD}", "0", "ａ", "ﷺ", "\u{E000}", "\u{10FFFF}", "=",
            "\\", ",",
        ]
        var (round, trainedCount) = (0, 0)
        // One corpus in nine has enough pieces for its size.
        while round < 30 || (trainedCount < 3 && round < 1000) {
            round += 1
            let sentences = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                random.text(0...9, of: pieces)
            }
            let training = TokenizerTraining(
                vocabularySize: Int.random(in: 5...40, using: &random),
                modelType: TokenizerTraining.ModelType.allCases.randomElement(using: &random) ?? .bpe,
                characterCoverage: Bool.random(using: &random) ? 1 : 0.98
            )
            guard let trained = try? training.train(on: TokenizerCorpus(sentences)) else { continue }
            trainedCount += 1
            let tokenizer = try Tokenizer(trained.file, path: "trained")
            #expect(tokenizer.vocabularySize == training.vocabularySize, "\(random)")
            for sentence in sentences { _ = try tokenizer.decode(tokenizer.encode(sentence)) }
        }
        #expect(trainedCount >= 3, "\(random)")
    }

    @Test func anUnwritablePlaceIsAnErrorAndLeavesNothing() throws {
        let trained = try TokenizerTraining(vocabularySize: 60).train(on: corpus())
        let folder = try TemporaryDirectory()
        _ = try trained.write(to: folder.path(of: "made/for/it/t.model"))
        try folder.write("a file", to: "no")
        let error = #expect(throws: TrainerError.self) {
            _ = try trained.write(to: folder.path(of: "no/t.model"))
        }
        #expect(error.map { "\($0)".contains("Not a directory") } == true)
        #expect(try folder.readText("no") == "a file")
    }
}
