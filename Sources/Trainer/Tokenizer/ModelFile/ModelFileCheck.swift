/// Looks through a model file before the library sees it.
///
/// SentencePiece checks little of what it reads: a damaged table of rewriting rules makes it read beyond its memory, and
/// it runs the file's own test sentences through that table while it loads. So what it would trust is checked here.
///
/// Source: `sentencepiece_model.proto`, message `ModelProto`.
enum ModelFileCheck {
    /// More pieces than any vocabulary in use has; bounds the memory that a small file can ask for.
    static let maximumPieceCount = 1_000_000

    static func check(_ file: [UInt8]) throws(ModelFileFault) {
        guard !file.isEmpty else { throw ModelFileFault(reason: "it is empty") }
        var reader = MessageReader(file[...])
        var pieceCount = 0
        var hasTrainer = false
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let piece)):
                try checkPiece(piece, id: pieceCount)
                pieceCount += 1
                guard pieceCount <= maximumPieceCount else {
                    throw ModelFileFault(reason: "it has more than \(maximumPieceCount) pieces")
                }
            case (2, .bytes(let trainer)):
                hasTrainer = true
                try checkFields(of: trainer)
            case (3, .bytes(let rules)), (5, .bytes(let rules)): try checkRules(rules)
            case (4, .bytes(let test)): try checkFields(of: test)
            default: break
            }
        }
        guard pieceCount > 0 else { throw ModelFileFault(reason: "it has no vocabulary") }
        guard hasTrainer else { throw ModelFileFault(reason: "it does not say how it was trained") }
    }

    /// `ModelProto.SentencePiece`: 1 the text, 2 the score, 3 the kind.
    private static func checkPiece(_ bytes: ArraySlice<UInt8>, id: Int) throws(ModelFileFault) {
        var reader = MessageReader(bytes)
        var isNamed = false
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let text)):
                isNamed = !text.isEmpty
                // The library keeps pieces in tables of texts that end with a zero.
                guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
                    throw ModelFileFault(reason: "piece \(id) is not text")
                }
            case (2, .fixed32(let bits)):
                guard Float(bitPattern: bits).isFinite else {
                    throw ModelFileFault(reason: "the score of piece \(id) is not a number")
                }
            default: break
            }
        }
        guard isNamed else { throw ModelFileFault(reason: "piece \(id) has no text") }
    }

    /// `NormalizerSpec`: 2 the compiled table.
    private static func checkRules(_ bytes: ArraySlice<UInt8>) throws(ModelFileFault) {
        var reader = MessageReader(bytes)
        while let field = try reader.next() {
            if field.number == 2, case .bytes(let table) = field.value, !table.isEmpty {
                try CharacterTable.check(table)
            }
        }
    }

    private static func checkFields(of bytes: ArraySlice<UInt8>) throws(ModelFileFault) {
        var reader = MessageReader(bytes)
        while try reader.next() != nil {}
    }
}
