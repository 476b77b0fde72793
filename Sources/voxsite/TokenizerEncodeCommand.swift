import ArgumentParser
import Trainer

/// `voxsite tokenizer encode`.
struct TokenizerEncodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn texts into ids, one line each.",
        discussion: "Without texts, those of the lines on standard input."
    )

    @Argument(help: "A .model file.")
    var model: String

    @Argument(help: "Texts, each a line of its own.")
    var texts: [String] = []

    @Flag(help: "Print the pieces instead of their ids.")
    var pieces = false

    @Flag(help: "Put the ids of beginning and end around, as the decoder is taught.")
    var bounds = false

    @Flag(
        name: .customLong("as-is"),
        help: "Keep capitals and spaces, which are otherwise reduced as in training."
    )
    var asIs = false

    @Flag(help: "Print one JSON object a line: the text as it was tokenized, its ids, its pieces.")
    var json = false

    func validate() throws {
        if pieces && bounds {
            throw ValidationError("--bounds: beginning and end have no pieces; leave --pieces out")
        }
    }

    private struct Line: Encodable {
        var text, normalized: String
        var ids: [Int32]
        var pieces: [String]
    }

    func run() async throws {
        let tokenizer = try Tokenizer(contentsOf: model)
        if texts.isEmpty {
            while let line = readLine() { print(try encoded(line, by: tokenizer)) }
        } else {
            for text in texts { print(try encoded(text, by: tokenizer)) }
        }
    }

    private func encoded(_ given: String, by tokenizer: Tokenizer) throws -> String {
        let text = asIs ? given : TranscriptText.normalized(given)
        if json {
            let line = Line(
                text: text,
                normalized: try tokenizer.normalize(text),
                ids: try tokenizer.encode(text, addingBounds: bounds),
                pieces: try tokenizer.encodePieces(text)
            )
            return try TokenizerCommand.json(line)
        }
        if pieces { return Console.visible(try tokenizer.encodePieces(text).joined(separator: " ")) }
        return try tokenizer.encode(text, addingBounds: bounds).map(String.init).joined(separator: " ")
    }
}
