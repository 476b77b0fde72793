import ArgumentParser
import Trainer

/// `voxsite tokenizer decode`.
struct TokenizerDecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Turn ids into text, up to the first end.",
        discussion: "Without ids, those of each line on standard input, a text for each."
    )

    @Argument(help: "A .model file.")
    var model: String

    @Argument(help: "The ids of one text.")
    var ids: [Int32] = []

    @Flag(name: .customLong("past-end"), help: "Go on after an end.")
    var pastEnd = false

    @Flag(help: "Print one JSON object a line: the ids and their text.")
    var json = false

    private struct Line: Encodable {
        var ids: [Int32]
        var text: String
    }

    func run() async throws {
        let tokenizer = try Tokenizer(contentsOf: model)
        guard ids.isEmpty else { return print(try decoded(ids, by: tokenizer)) }
        var number = 0
        while let line = readLine() {
            number += 1
            let ids = try line.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map { text in
                guard let id = Int32(text) else {
                    throw ValidationError(
                        "line \(number): \"\(text)\" is no id; give whole numbers with spaces between"
                    )
                }
                return id
            }
            print(try decoded(ids, by: tokenizer))
        }
    }

    private func decoded(_ ids: [Int32], by tokenizer: Tokenizer) throws -> String {
        let text = try tokenizer.decode(ids, stoppingAtEnd: !pastEnd)
        return json ? try TokenizerCommand.json(Line(ids: ids, text: text)) : Console.visible(text)
    }
}
