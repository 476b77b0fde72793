import Files

/// Text to token ids and back, by the rules of one SentencePiece model.
///
/// A value is immutable and `Sendable`: data loading encodes on many threads with one tokenizer. Texts are taken as
/// they are; transcripts go through ``TranscriptText`` first.
///
/// Source: Kudo and Richardson, "SentencePiece: A simple and language independent subword tokenizer", 2018.
public struct Tokenizer: Sendable {
    /// Larger files are refused: a vocabulary of 250,000 pieces takes about 5 MB.
    public static let maximumFileBytes = 64 << 20

    /// Where it was read from, for messages.
    public let path: String
    private let model: SentencePieceModel

    /// Reads a `.model` file.
    ///
    /// - Parameter path: a file that SentencePiece wrote.
    /// - Throws: ``TrainerError/tokenizer(path:reason:)`` where it cannot be read, is damaged, or gives the special
    ///   tokens other ids than ``SpecialToken``.
    public init(contentsOf path: String) throws(TrainerError) {
        let file: [UInt8]
        do throws(FilesError) {
            file = try OpenFile.reading(path).readAll(limit: Self.maximumFileBytes)
        } catch {
            throw .tokenizer(path: path, reason: error.explanation)
        }
        try self.init(file, path: path)
    }

    /// Takes the bytes of a `.model` file.
    ///
    /// - Parameters:
    ///   - file: all of it.
    ///   - path: what messages call it.
    /// - Throws: as ``init(contentsOf:)``.
    public init(_ file: [UInt8], path: String) throws(TrainerError) {
        guard file.count <= Self.maximumFileBytes else {
            throw .tokenizer(
                path: path,
                reason: "it has \(file.count) bytes, and at most \(Self.maximumFileBytes) are read"
            )
        }
        do throws(ModelFileFault) {
            try ModelFileCheck.check(file)
        } catch {
            throw .tokenizer(
                path: path,
                reason:
                    "not a whole SentencePiece model: \(error.reason); copy it again from where it was trained"
            )
        }
        let model: SentencePieceModel
        do throws(SentencePieceModel.Failure) {
            model = try SentencePieceModel(file)
        } catch {
            throw .tokenizer(path: path, reason: "SentencePiece cannot use this model: \(error.reason)")
        }
        if let reason = Self.fault(in: model.specialIDs) { throw .tokenizer(path: path, reason: reason) }
        self.path = path
        self.model = model
    }

    /// The vocabulary in the order of its ids.
    public var pieces: [VocabularyPiece] { model.pieces }

    /// How many ids there are; the model's `vocab_size`.
    public var vocabularySize: Int { model.pieces.count }

    /// The ids of a text's pieces, without those of beginning and end.
    ///
    /// - Parameter text: any text.
    /// - Returns: ids below ``vocabularySize``; none for an empty text.
    /// - Throws: ``TrainerError/tokenizer(path:reason:)`` where the library gives up on a text.
    public func encode(_ text: String) throws(TrainerError) -> [Int32] {
        try named { () throws(SentencePieceModel.Failure) in try model.encode(text) }
    }

    /// The ids of a text's pieces, as the decoder is taught them: after its beginning, before its end.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - addingBounds: whether to put the beginning before and the end after them.
    /// - Returns: ids below ``vocabularySize``.
    /// - Throws: as ``encode(_:)``.
    public func encode(_ text: String, addingBounds: Bool) throws(TrainerError) -> [Int32] {
        let ids = try encode(text)
        return addingBounds ? [SpecialToken.beginning.id] + ids + [SpecialToken.end.id] : ids
    }

    /// The pieces of a text, one for each of its ids; an unknown one as it was written.
    ///
    /// - Parameter text: any text.
    /// - Returns: parts of the normalised text.
    /// - Throws: as ``encode(_:)``.
    public func encodePieces(_ text: String) throws(TrainerError) -> [String] {
        try named { () throws(SentencePieceModel.Failure) in try model.encodePieces(text) }
    }

    /// The text that the pieces are cut from: rewritten by the model's own rules, U+2581 for each space.
    ///
    /// - Parameter text: any text.
    /// - Returns: for the usual rules its NFKC form with spaces reduced, and one put before it.
    /// - Throws: as ``encode(_:)``.
    public func normalize(_ text: String) throws(TrainerError) -> String {
        let ids = try encode(text)
        var bytes: [UInt8] = []
        for (id, piece) in zip(ids, try encodePieces(text)) {
            // A character that is written as bytes has no piece of its own: `<0xE4>` is one byte of it.
            if model.pieces[Int(id)].kind == .byte, let byte = UInt8(piece.dropFirst(3).dropLast(), radix: 16)
            {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: piece.utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of ids, up to the first end.
    ///
    /// Padding and beginnings have no text; an unknown one is ` ⁇ `.
    ///
    /// - Parameters:
    ///   - ids: as a model emits them.
    ///   - stoppingAtEnd: false goes on after an end, as the system did that this one replaces; its hypotheses then hold
    ///     whatever the decoder wrote after it was done.
    /// - Returns: plain text.
    /// - Throws: ``TrainerError/tokenizer(path:reason:)`` for an id that is not in the vocabulary.
    public func decode(_ ids: [Int32], stoppingAtEnd: Bool = true) throws(TrainerError) -> String {
        if let position = ids.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw .tokenizer(
                path: path,
                reason:
                    "id \(ids[position]) at position \(position) is not in its vocabulary of \(vocabularySize); "
                    + "use the tokenizer that the model was trained with"
            )
        }
        let read = stoppingAtEnd ? Array(ids.prefix { $0 != SpecialToken.end.id }) : ids
        return try named { () throws(SentencePieceModel.Failure) in try model.decode(read) }
    }

    private func named<Value>(
        _ body: () throws(SentencePieceModel.Failure) -> Value
    ) throws(TrainerError) -> Value {
        do throws(SentencePieceModel.Failure) {
            return try body()
        } catch {
            throw .tokenizer(path: path, reason: error.reason)
        }
    }

    /// What is wrong with a model's special ids; nil where nothing is.
    private static func fault(in ids: [SpecialToken: Int32]) -> String? {
        guard SpecialToken.allCases.contains(where: { ids[$0] != $0.id }) else { return nil }
        let found = SpecialToken.allCases.map { "\($0.name) \(ids[$0].map(String.init) ?? "is missing")" }
        let needed = SpecialToken.allCases.map { "\($0.name) \($0.id)" }
        return
            "its special ids are \(found.joined(separator: ", ")), and must be \(needed.joined(separator: ", ")); "
            + "train it again with voxsite tokenizer train"
    }
}
