import ArgumentParser
import Trainer

/// `voxsite tokenizer train`.
struct TokenizerTrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a tokenizer on sentences.",
        discussion: """
            Sentences are put in small letters, as all transcripts are before they are tokenized. The special ids are
            pad 0, bos 1, eos 2, unk 3. The same sentences and settings give the same file, byte for byte.
            """
    )

    /// How the vocabulary is chosen.
    enum ModelType: String, ExpressibleByArgument, CaseIterable {
        case bpe, unigram, char

        var trainingType: TokenizerTraining.ModelType {
            switch self {
            case .bpe: .bpe
            case .unigram: .unigram
            case .char: .char
            }
        }
    }

    @Argument(help: "Text files, one sentence a line; .trans.txt files of LibriSpeech, or folders of them.")
    var corpus: [String]

    @Option(
        name: .shortAndLong,
        help: "The file to write; replaced whole where it exists, its folder made where it is missing."
    )
    var output: String

    @Option(
        help: ArgumentHelp(
            "How many pieces, the special ones included: vocab_size of the model.",
            valueName: "count"
        )
    )
    var vocabularySize = 2000

    @Option(help: "How the pieces are chosen.")
    var type = ModelType.bpe

    @Option(
        help: "The share of all characters that get a piece, 0.98 to 1; the rarest others become unknown."
    )
    var characterCoverage = 1.0

    @Flag(help: "Print one JSON object about what was written.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    private struct Report: Encodable {
        var path: String
        var byteCount, vocabularySize, sentenceCount, leftOutCount: Int
    }

    func run() async throws {
        let console = Console(verbosity: quiet ? .quiet : .normal)
        let sentences = try TokenizerCorpus(contentsOf: corpus)
        console.say("\(sentences.count) sentences")
        let training = TokenizerTraining(
            vocabularySize: vocabularySize,
            modelType: type.trainingType,
            characterCoverage: characterCoverage
        )
        let trained = try training.train(on: sentences)
        let tokenizer = try trained.write(to: output)
        console.say("\(output): \(tokenizer.vocabularySize) pieces, \(trained.file.count) bytes")
        if trained.leftOutCount > 0 {
            console.say(
                "\(trained.leftOutCount) sentences were left out: longer than "
                    + "\(TokenizerCorpus.maximumSentenceBytes) bytes, or with U+0000 or U+2585 in them"
            )
        }
        guard json else { return }
        let report = Report(
            path: output,
            byteCount: trained.file.count,
            vocabularySize: tokenizer.vocabularySize,
            sentenceCount: trained.sentenceCount,
            leftOutCount: trained.leftOutCount
        )
        print(try TokenizerCommand.json(report))
    }
}
