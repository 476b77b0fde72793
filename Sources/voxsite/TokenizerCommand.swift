import ArgumentParser
import Foundation
import Trainer

/// `voxsite tokenizer`: trains the tokenizers of the recogniser, and shows what they do.
struct TokenizerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Train tokenizers, look into them, turn text into ids and back.",
        discussion: """
            Reads and writes the .model files of SentencePiece.

            voxsite tokenizer train train-clean-100/ -o tokenizer.model   from LibriSpeech's transcripts
            voxsite tokenizer encode tokenizer.model "hello there"        its ids
            voxsite tokenizer decode tokenizer.model 17 5 290             their text
            voxsite tokenizer inspect tokenizer.model --pieces            what it knows
            """,
        subcommands: [
            TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
            TokenizerInspectCommand.self,
        ]
    )

    /// One line of JSON, members sorted by name.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
