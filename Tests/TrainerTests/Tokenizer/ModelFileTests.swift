import Foundation
import TestSupport
import Testing

@testable import Trainer

/// A file that is not a whole model is an error with a sentence, whatever is in it.
@Suite struct ModelFileTests {
    private func message(of file: [UInt8]) -> String? {
        do {
            _ = try Tokenizer(file, path: "x.model")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsNoModelIsRefused() throws {
        #expect(message(of: [])?.hasPrefix("x.model: not a whole SentencePiece model: it is empty; ") == true)
        #expect(
            message(of: Array("the quick brown fox".utf8))?.contains("not a whole SentencePiece model")
                == true
        )
        #expect(
            message(of: [UInt8](repeating: 0, count: 4096))?.contains("no field begins at byte 0") == true
        )
        #expect(message(of: [0x12, 0x00])?.contains("it has no vocabulary") == true)
    }

    @Test func aMissingFileAFolderAndAHugeFileAreRefused() throws {
        let folder = try TemporaryDirectory()
        let missing = #expect(throws: TrainerError.self) {
            try Tokenizer(contentsOf: folder.path(of: "no.model"))
        }
        #expect(missing.map { "\($0)".contains("No such file or directory") } == true)
        let directory = #expect(throws: TrainerError.self) { try Tokenizer(contentsOf: folder.path) }
        #expect(directory.map { "\($0)".contains("Is a directory") } == true)
        // Sparse: it takes no room, and must not be read.
        try folder.write("", to: "huge.model")
        let handle = try FileHandle(forWritingTo: folder.url.appending(path: "huge.model"))
        try handle.truncate(atOffset: 1 << 40)
        try handle.close()
        let huge = #expect(throws: TrainerError.self) {
            try Tokenizer(contentsOf: folder.path(of: "huge.model"))
        }
        #expect(huge.map { "\($0)".contains("File too large") } == true)
    }

    /// A file of two bytes a piece must not be able to ask for gigabytes.
    @Test func piecesWithoutTextOrNumberAreRefused() throws {
        #expect(message(of: [0x0A, 0x00])?.contains("piece 0 has no text") == true)
        #expect(message(of: [0x0A, 0x03, 0x0A, 0x01, 0xFF])?.contains("piece 0 is not text") == true)
        let notANumber: [UInt8] = [0x0A, 0x08, 0x0A, 0x01, 0x61, 0x15, 0x00, 0x00, 0xC0, 0x7F]
        #expect(message(of: notANumber)?.contains("the score of piece 0 is not a number") == true)
    }

    @Test func otherSpecialIDsAreNamed() throws {
        // Field 43 of field 2 is `pad_id`, field 48 `pad_piece`: no piece is called `<pat>`.
        let file = try TokenizerFixture.modelFile()
        let name = Array("<pad>".utf8)
        let last = try #require(file.lastRange(of: name))
        var changed = file
        changed.replaceSubrange(last, with: Array("<eos>".utf8))
        #expect(
            message(of: changed)
                == "x.model: its special ids are pad 2, bos 1, eos 2, unk 3, and must be "
                + "pad 0, bos 1, eos 2, unk 3; train it again with voxsite tokenizer train"
        )
        changed.replaceSubrange(last, with: Array("<pat>".utf8))
        #expect(message(of: changed)?.contains("special ids are pad is missing, bos 1") == true)
    }

    /// Cut at any byte, a file is refused or is a model still: its last fields have defaults.
    @Test func truncationIsSurvived() throws {
        let file = try TokenizerFixture.modelFile()
        let head = stride(from: 0, to: 1200, by: 7)
        let tail = stride(from: file.count - 240_200, to: file.count, by: 4001)
        for length in Array(head) + Array(tail) + [file.count - 1] {
            #expect(message(of: Array(file.prefix(length))) != nil, "\(length) bytes")
        }
    }

    /// Random damage: an error, or a tokenizer that survives every text.
    ///
    /// The table of rules is nearly all of the first file, and the second has none.
    @Test(arguments: ["tokenizer.model", "byte_fallback.model"])
    func randomDamageIsSurvived(name: String) throws {
        var random = SeededRandom.fresh()
        let file = try TokenizerFixture.file(name)
        let texts = try TokenizerFixture.cases().encode.map(\.text)
        let rounds = ProcessInfo.processInfo.environment["VOXSITE_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 60
        var survivorCount = 0
        var round = 0
        // One damaged file in 8 of the first, one in 25 of the second is a model still, and without such
        // survivors the texts would test nothing.
        while round < rounds || (survivorCount < 3 && round < 50 * rounds) {
            round += 1
            let damaged = damage(file, &random)
            guard let tokenizer = try? Tokenizer(damaged, path: "x.model") else { continue }
            survivorCount += 1
            for text in texts {
                guard let ids = try? tokenizer.encode(text) else { continue }
                _ = try? tokenizer.normalize(text)
                #expect((try? tokenizer.decode(ids, stoppingAtEnd: false)) != nil, "\(random)")
            }
        }
        #expect(survivorCount >= 3, "\(random)")
    }

    private func damage(_ file: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var damaged = file
        let reach = Bool.random(using: &random) ? file.count : min(1200, file.count)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let index = Int.random(in: 0..<reach, using: &random)
            guard index < damaged.count else { continue }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: damaged.remove(at: index)
            case 1: damaged.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 2: damaged[index] = UInt8.random(in: 0...255, using: &random)
            default: damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return damaged
    }

    /// The library would read wherever such a trie leads.
    @Test func aTrieThatLeavesItsTableIsRefused() throws {
        let file = try TokenizerFixture.modelFile()
        let trie = try #require(file.firstRange(of: Array("nmt_nfkc".utf8))).upperBound + 4 + 4
        var changed = file
        changed.replaceSubrange(trie..<trie + 4, with: [0, 0xFC, 0xFF, 0x7F])
        #expect(message(of: changed)?.contains("its table of character rules is damaged: unit 0") == true)
    }
}
