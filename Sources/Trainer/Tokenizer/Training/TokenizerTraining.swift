import CSentencePiece

/// Trains tokenizers with the SentencePiece library.
///
/// The same corpus and settings give the same bytes, whatever the machine: nothing is sampled, and the number of threads,
/// in whose order probabilities are summed, is fixed.
public struct TokenizerTraining: Sendable {
    /// How the vocabulary is chosen.
    public enum ModelType: String, Sendable, CaseIterable {
        /// Byte pair encoding: merges the most frequent neighbours. Source: Sennrich et al., 2016.
        case bpe
        /// Keeps the most useful of many candidates. Source: Kudo, 2018.
        case unigram
        /// Every character is a piece.
        case char
    }

    /// How many pieces, the four special ones included: the model's `vocab_size`.
    public var vocabularySize: Int
    /// How they are chosen.
    public var modelType: ModelType
    /// The share of the corpus's characters that get a piece, 0.98 to 1; the rarest others become unknown.
    public var characterCoverage: Double

    /// Sets what to train.
    ///
    /// The defaults are those of the published VoxFormer.
    ///
    /// - Parameters:
    ///   - vocabularySize: how many pieces, the four special ones included.
    ///   - modelType: how they are chosen.
    ///   - characterCoverage: the share of the corpus's characters that get a piece, 0.98 to 1.
    public init(vocabularySize: Int = 2000, modelType: ModelType = .bpe, characterCoverage: Double = 1) {
        self.vocabularySize = vocabularySize
        self.modelType = modelType
        self.characterCoverage = characterCoverage
    }

    /// Trains a tokenizer.
    ///
    /// Takes seconds for a few megabytes of text, on the calling thread.
    ///
    /// - Parameter corpus: what it is for; see ``TokenizerCorpus``.
    /// - Returns: the tokenizer and its file.
    /// - Throws: ``TrainerError/tokenizerTraining(reason:)`` where the settings are out of range, the corpus is empty, or
    ///   the vocabulary is too large or too small for it; the message says what is possible.
    public func train(on corpus: TokenizerCorpus) throws(TrainerError) -> TrainedTokenizer {
        try validate()
        guard corpus.count > 0 else {
            let reason = corpus.leftOutCount > 0 ? "has no usable sentence" : "is empty"
            throw .tokenizerTraining(reason: "the corpus \(reason); give files with one sentence a line")
        }
        // For characters the library takes the size as an upper bound, and leaves the rarest out to keep it; a
        // network's last layer, and who asks for a coverage, take it as it is.
        if modelType == .char, let reason = sizeFault(on: corpus) { throw .tokenizerTraining(reason: reason) }
        do throws(SentencePieceModel.Failure) {
            return try TrainedTokenizer(file: trained(on: corpus), corpus: corpus)
        } catch {
            throw .tokenizerTraining(reason: sizeFault(on: corpus) ?? error.reason)
        }
    }

    private func validate() throws(TrainerError) {
        let sizes = SpecialToken.allCases.count + 1...ModelFileCheck.maximumPieceCount
        guard sizes.contains(vocabularySize) else {
            throw .tokenizerTraining(
                reason: "the vocabulary size \(vocabularySize) is not between \(sizes.lowerBound) and "
                    + "\(sizes.upperBound)"
            )
        }
        guard (0.98...1).contains(characterCoverage) else {
            throw .tokenizerTraining(
                reason: "the character coverage \(characterCoverage) is not between 0.98 and 1"
            )
        }
    }

    /// Why the corpus has no vocabulary of this size; nil where it has one.
    ///
    /// Trains without a limit to find out.
    /// A vocabulary that holds all characters, and nothing else, is the smallest; one in which nothing is left to merge,
    /// or to add, is the largest.
    private func sizeFault(on corpus: TokenizerCorpus) -> String? {
        var alphabet = self
        alphabet.modelType = .char
        alphabet.vocabularySize = ModelFileCheck.maximumPieceCount
        let smallest = alphabet.reachableSize(on: corpus)
        if let smallest, smallest > vocabularySize {
            return "a vocabulary of \(vocabularySize) is too small for this corpus, which has "
                + "\(smallest - SpecialToken.allCases.count) different characters; ask for at least \(smallest), "
                + "or lower the character coverage"
        }
        if let largest = modelType == .char ? smallest : reachableSize(on: corpus), largest < vocabularySize {
            return
                "a vocabulary of \(vocabularySize) is too large for this corpus; ask for at most \(largest), "
                + "or add sentences"
        }
        return nil
    }

    /// How many pieces there are where fewer than asked for will do.
    private func reachableSize(on corpus: TokenizerCorpus) -> Int? {
        do throws(SentencePieceModel.Failure) {
            return try SentencePieceModel(trained(on: corpus, isSizeExact: false)).pieces.count
        } catch {
            return nil
        }
    }

    private func trained(
        on corpus: TokenizerCorpus,
        isSizeExact: Bool = true
    ) throws(SentencePieceModel.Failure) -> [UInt8] {
        var model: UnsafeMutablePointer<CChar>?
        var count = 0
        let settings = settings(isSizeExact: isSizeExact)
        let message = corpus.bytes.withUnsafeBufferPointer { bytes in
            corpus.ends.withUnsafeBufferPointer { ends in
                let text = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
                return sp_train(settings, text, ends.baseAddress, ends.count, &model, &count)
            }
        }
        defer { sp_free(model) }
        try SentencePieceModel.check(message)
        return [UInt8](UnsafeRawBufferPointer(start: model, count: count))
    }

    /// The settings of the published VoxFormer's tokenizer, by the names of `spm_train`.
    private func settings(isSizeExact: Bool) -> String {
        var lines = [
            "model_type=\(modelType.rawValue)", "vocab_size=\(vocabularySize)",
            "character_coverage=\(characterCoverage)", "hard_vocab_limit=\(isSizeExact)",
            "max_sentence_length=\(TokenizerCorpus.maximumSentenceBytes)", "num_threads=2", "minloglevel=2",
        ]
        for token in SpecialToken.allCases {
            lines += ["\(token.name)_id=\(token.id)", "\(token.name)_piece=\(token.piece)"]
        }
        return lines.joined(separator: "\n")
    }
}
