import ArgumentParser
import Trainer

/// `voxsite tokenizer inspect`.
struct TokenizerInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a tokenizer knows: its special ids, how many pieces, and which."
    )

    @Argument(help: "A .model file.")
    var model: String

    @Flag(help: "List all pieces: id, kind, score, text.")
    var pieces = false

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Piece: Encodable {
        var id: Int
        var kind, text: String
        var score: Float
    }

    private struct Report: Encodable {
        var path: String
        var vocabularySize: Int
        var special: [String: Int32]
        var kinds: [String: Int]
        var pieces: [Piece]?
    }

    func run() async throws {
        let tokenizer = try Tokenizer(contentsOf: model)
        let report = report(on: tokenizer)
        guard !json else { return print(try TokenizerCommand.json(report)) }
        let special = SpecialToken.allCases.map { "\($0.name) \($0.id)" }.joined(separator: ", ")
        let kinds = report.kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(
            separator: ", "
        )
        print("\(Console.visible(model)): \(report.vocabularySize) pieces (\(kinds)); \(special)")
        for piece in report.pieces ?? [] {
            print("\(piece.id)\t\(piece.kind)\t\(piece.score)\t\(Console.visible(piece.text))")
        }
    }

    private func report(on tokenizer: Tokenizer) -> Report {
        let listed = tokenizer.pieces.enumerated().map { id, piece in
            Piece(id: id, kind: piece.kind.rawValue, text: piece.text, score: piece.score)
        }
        return Report(
            path: model,
            vocabularySize: tokenizer.vocabularySize,
            special: Dictionary(uniqueKeysWithValues: SpecialToken.allCases.map { ($0.name, $0.id) }),
            kinds: Dictionary(grouping: listed, by: \.kind).mapValues(\.count),
            pieces: pieces ? listed : nil
        )
    }
}
