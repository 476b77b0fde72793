import Foundation

@testable import Trainer

/// The published tokenizer's files: what it was trained on, what came out, and what it makes of texts.
///
/// `cases.json` was written by SentencePiece itself, from the settings of the system that VoxFormer comes from.
enum TokenizerFixture {
    struct Cases: Decodable {
        struct Encoding: Decodable {
            var text, normalized, decoded: String
            var pieces: [String]
            var ids, ids_with_bos_eos: [Int32]
        }
        struct Decoding: Decodable {
            var ids: [Int32]
            var decode_skip_special: String
        }
        var vocab_size: Int
        var pieces, types: [String]
        var scores: [Float]
        var encode: [Encoding]
        var decode: [Decoding]
    }

    static func path(of name: String) -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return folder.appendingPathComponent("Fixtures/tokenizer/\(name)").path
    }

    static func cases() throws -> Cases {
        try JSONDecoder().decode(
            Cases.self,
            from: Data(contentsOf: URL(fileURLWithPath: path(of: "cases.json")))
        )
    }

    static func tokenizer() throws -> Tokenizer { try Tokenizer(contentsOf: path(of: "tokenizer.model")) }

    static func file(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(of: name))))
    }

    static func modelFile() throws -> [UInt8] { try file("tokenizer.model") }
}
