import Testing

@testable import Trainer

/// Every id, piece and text equals what SentencePiece made of the same file.
@Suite struct TokenizerTests {
    @Test func theVocabularyIsTheFiles() throws {
        let cases = try TokenizerFixture.cases()
        let tokenizer = try TokenizerFixture.tokenizer()
        #expect(tokenizer.vocabularySize == cases.vocab_size)
        #expect(tokenizer.pieces.map(\.text) == cases.pieces)
        #expect(tokenizer.pieces.map(\.score) == cases.scores)
        let kinds = tokenizer.pieces.map { $0.kind == .unknown ? "unk" : $0.kind.rawValue }
        #expect(kinds == cases.types)
        for token in SpecialToken.allCases { #expect(tokenizer.pieces[Int(token.id)].text == token.piece) }
    }

    @Test func everyTextIsEncodedAsTheLibraryDoes() throws {
        let cases = try TokenizerFixture.cases().encode
        #expect(cases.count == 40)
        let tokenizer = try TokenizerFixture.tokenizer()
        for one in cases {
            #expect(try tokenizer.encode(one.text) == one.ids, "\(one.text)")
            #expect(try tokenizer.encode(one.text, addingBounds: true) == one.ids_with_bos_eos, "\(one.text)")
            #expect(try tokenizer.encode(one.text, addingBounds: false) == one.ids, "\(one.text)")
            // Compared as scalars: strings are equal by canonical equivalence, which would forgive a wrong form.
            let pieces = try tokenizer.encodePieces(one.text).map { Array($0.unicodeScalars) }
            #expect(pieces == one.pieces.map { Array($0.unicodeScalars) }, "\(one.text)")
            let normalized = try tokenizer.normalize(one.text)
            #expect(Array(normalized.unicodeScalars) == Array(one.normalized.unicodeScalars), "\(one.text)")
            #expect(try tokenizer.decode(one.ids) == one.decoded, "\(one.text)")
            #expect(try tokenizer.decode(one.ids_with_bos_eos) == one.decoded, "\(one.text)")
        }
    }

    @Test func idsAreDecodedAsTheLibraryDoes() throws {
        let cases = try TokenizerFixture.cases().decode
        #expect(cases.count == 7)
        let tokenizer = try TokenizerFixture.tokenizer()
        for one in cases {
            #expect(
                try tokenizer.decode(one.ids, stoppingAtEnd: false) == one.decode_skip_special,
                "\(one.ids)"
            )
        }
    }

    /// What a decoder writes after its end is no part of the hypothesis.
    @Test func decodingStopsAtTheFirstEnd() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        #expect(try tokenizer.decode([4, 5, 6, 2, 7, 8]) == "the the")
        #expect(try tokenizer.decode([1, 6, 2, 6, 2]) == "the")
        #expect(try tokenizer.decode([2, 6]) == "")
        #expect(try tokenizer.decode([0, 6, 0, 6, 0]) == "the the")
    }

    @Test(arguments: [-1, 60, .max, .min] as [Int32])
    func anIDOutsideTheVocabularyIsAnError(id: Int32) throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        let error = #expect(throws: TrainerError.self) { try tokenizer.decode([6, id]) }
        #expect(
            error.map { "\($0)".contains("id \(id) at position 1 is not in its vocabulary of 60") } == true
        )
    }

    /// A character that is written as its bytes is whole again in the normalised and in the decoded text.
    ///
    /// `byte_fallback.model` was made of `corpus.txt` by `spm_train --model_type=unigram --vocab_size=350 --byte_fallback
    /// --normalization_rule_name=identity --user_defined_symbols=[laugh]` and the usual special ids.
    @Test func charactersInBytesAreWholeAgain() throws {
        let tokenizer = try Tokenizer(contentsOf: TokenizerFixture.path(of: "byte_fallback.model"))
        let text = "the é 你 [laugh] end"
        let ids = try tokenizer.encode(text)
        #expect(ids.count { tokenizer.pieces[Int($0)].kind == .byte } == 2 + 3)
        #expect(try tokenizer.encodePieces(text).contains("[laugh]"))
        #expect(try tokenizer.normalize(text) == "▁the▁é▁你▁[laugh]▁end")
        #expect(try tokenizer.decode(ids) == text)
    }

    @Test func manyThreadsGetTheSameIDs() async throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        let cases = try TokenizerFixture.cases().encode
        let expected = cases.map(\.ids)
        let texts = cases.map(\.text)
        try await withThrowingTaskGroup(of: [[Int32]].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<10).flatMap { _ in try texts.map { try tokenizer.encode($0) } } }
            }
            for try await ids in group {
                #expect(ids == Array(repeating: expected, count: 10).flatMap { $0 })
            }
        }
    }

    /// A zero is a character like any other that the vocabulary does not have, not the end of the text.
    @Test func aZeroDoesNotEndAText() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        #expect(try tokenizer.encode("the\0the").count > tokenizer.encode("the").count)
    }
}
