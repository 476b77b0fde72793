import CSentencePiece

/// The owner of one model of the SentencePiece library.
///
/// `@unchecked Sendable`: the pointer never changes between `init` and `deinit`, and nothing here changes what it points
/// to: every call goes through the library's `const` functions, which may be called by several threads at once.
///
/// Source: SentencePiece's author in google/sentencepiece issues 207 and 657.
final class SentencePieceModel: @unchecked Sendable {
    /// What the library says about a failure.
    struct Failure: Error {
        let reason: String
    }

    /// The id of each special piece, and nil where the model has none.
    let specialIDs: [SpecialToken: Int32]
    /// The vocabulary in the order of its ids.
    let pieces: [VocabularyPiece]

    private let model: OpaquePointer

    /// Builds the model of a file that has passed ``ModelFileCheck``.
    init(_ file: [UInt8]) throws(Failure) {
        var created: OpaquePointer?
        let message = file.withUnsafeBytes { sp_model_create(sp_bytes($0), &created) }
        try Self.check(message)
        guard let created else { throw Failure(reason: "the library made no model") }
        model = created
        let ids: [SpecialToken: Int32] = [
            .padding: sp_model_pad(created), .beginning: sp_model_bos(created), .end: sp_model_eos(created),
            .unknown: sp_model_unknown(created),
        ]
        specialIDs = ids.filter { $0.value >= 0 }
        pieces = (0..<max(0, sp_model_size(created))).map { Self.piece($0, of: created) }
    }

    deinit { sp_model_free(model) }

    func encode(_ text: String) throws(Failure) -> [Int32] {
        var ids: UnsafeMutablePointer<Int32>?
        var count = 0
        var text = text
        let message = text.withUTF8 { sp_encode(model, sp_bytes(UnsafeRawBufferPointer($0)), &ids, &count) }
        defer { sp_free(ids) }
        try Self.check(message)
        return Array(UnsafeBufferPointer(start: ids, count: count))
    }

    func encodePieces(_ text: String) throws(Failure) -> [String] {
        var bytes: UnsafeMutablePointer<CChar>?
        var ends: UnsafeMutablePointer<Int>?
        var count = 0
        var text = text
        let message = text.withUTF8 {
            sp_encode_pieces(model, sp_bytes(UnsafeRawBufferPointer($0)), &bytes, &ends, &count)
        }
        defer {
            sp_free(bytes)
            sp_free(ends)
        }
        try Self.check(message)
        var start = 0
        return UnsafeBufferPointer(start: ends, count: count).map { end in
            defer { start = end }
            let piece = UnsafeRawBufferPointer(start: bytes.map { $0 + start }, count: end - start)
            return String(decoding: piece, as: UTF8.self)
        }
    }

    /// The ids must be in the vocabulary.
    func decode(_ ids: [Int32]) throws(Failure) -> String {
        var text: UnsafeMutablePointer<CChar>?
        var count = 0
        let message = ids.withUnsafeBufferPointer {
            sp_decode(model, $0.baseAddress, $0.count, &text, &count)
        }
        defer { sp_free(text) }
        try Self.check(message)
        return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private static func piece(_ id: Int32, of model: OpaquePointer) -> VocabularyPiece {
        var text = sp_bytes()
        var score: Float = 0
        var kind = sp_normal
        sp_model_piece(model, id, &text, &score, &kind)
        let bytes = UnsafeRawBufferPointer(start: text.bytes, count: text.count)
        return VocabularyPiece(
            text: String(decoding: bytes, as: UTF8.self),
            score: score,
            kind: VocabularyPiece.Kind(kind)
        )
    }

    /// Turns a message of the shim into an error, and frees it.
    static func check(_ message: UnsafeMutablePointer<CChar>?) throws(Failure) {
        guard let message else { return }
        defer { sp_free(message) }
        throw Failure(reason: withoutPlace(String(cString: message)))
    }

    /// A message without the place in the library's source that it begins with: `src/a.cc(12) [condition] `.
    private static func withoutPlace(_ message: String) -> String {
        guard let place = message.firstRange(of: ") ["), let end = message.firstRange(of: "] "),
            place.upperBound <= end.lowerBound, end.upperBound < message.endIndex
        else { return message }
        return String(message[end.upperBound...])
    }
}

extension sp_bytes {
    init(_ buffer: UnsafeRawBufferPointer) {
        self.init(bytes: buffer.baseAddress?.assumingMemoryBound(to: CChar.self), count: buffer.count)
    }
}

extension VocabularyPiece.Kind {
    fileprivate init(_ kind: sp_piece_kind) {
        self =
            switch kind {
            case sp_unknown: .unknown
            case sp_control: .control
            case sp_unused: .unused
            case sp_byte: .byte
            default: .normal
            }
    }
}
