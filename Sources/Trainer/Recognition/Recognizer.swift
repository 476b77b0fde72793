import Audio
import TensorCore

/// Turns recordings into text with a trained model.
public struct Recognizer: Sendable {
    /// How the text is looked for.
    public enum Search: Sendable, Hashable {
        /// The frames' likeliest tokens: fast.
        case ctc
        /// The decoder, by a beam search; the frames have their say.
        case decoder(DecodingOptions)
    }

    /// No stretch is recognised in one piece that is longer, in seconds: memory grows with it.
    public static let longestSeconds = 30.0

    /// No stretch is recognised in one piece that is longer, in seconds: the model has heard nothing longer, and its
    /// decoder loses the thread in what it never learned.
    public let longestPieceSeconds: Double

    private let model: VoxFormer
    private let tokenizer: Tokenizer
    private let search: Search

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - path: a checkpoint of voxsite's.
    ///   - search: how the text is looked for.
    /// - Throws: ``CheckpointFileError``, ``TrainerError``, ``TensorError``.
    public init(checkpoint path: String, search: Search = .decoder(DecodingOptions())) throws {
        let checkpoint = try TrainingCheckpoint(path)
        model = try checkpoint.model()
        model.freeze(for: .withoutWavLM)
        tokenizer = try checkpoint.tokenizer()
        longestPieceSeconds = min(Self.longestSeconds, try checkpoint.configuration().data.maximumSeconds)
        self.search = search
    }

    /// Recognises a recording.
    ///
    /// Recordings longer than ``longestPieceSeconds`` are cut where it is quietest, and their pieces put together.
    ///
    /// - Parameter path: any file that ``Audio`` reads.
    /// - Returns: the text, and when each word is said.
    /// - Throws: ``AudioError`` where the file cannot be read, ``TensorError``.
    public func transcribe(_ path: String) throws -> Transcription {
        let signal = try AudioFile.read(path, sampleRateHz: CorpusLimits.sampleRateHz)
        var words: [Transcription.Word] = []
        let pieces = SpeechPieces.cut(
            signal.samples,
            sampleRateHz: signal.sampleRateHz,
            longestSeconds: longestPieceSeconds
        )
        for piece in pieces {
            let start = Double(piece.lowerBound) / Double(signal.sampleRateHz)
            words += try recognise(Array(signal.samples[piece]), startingAt: start)
        }
        return Transcription(path: path, durationSeconds: signal.durationSeconds, words: words)
    }

    private func recognise(_ samples: [Float], startingAt start: Double) throws -> [Transcription.Word] {
        guard samples.count >= CorpusLimits.minimumSampleCount else { return [] }
        return try withoutGradients {
            let heard = try model.encode(Tensor(samples, [1, samples.count]), lengths: nil, .evaluation)
            guard let scores = try heard.frameScores().first else { return [] }
            let tokens =
                switch search {
                case .ctc: try CTC.greedyTokens(scores)
                case .decoder(let options):
                    try model.transcriptions(of: heard, options).first?.first?.tokens ?? []
                }
            let seconds = Double(samples.count) / Double(CorpusLimits.sampleRateHz)
            let frameSeconds = scores.frameCount > 0 ? seconds / Double(scores.frameCount) : 0
            let alignment = try CTC.align(scores, to: tokens)
            return try words(tokens, alignment?.spans).map { word, span in
                Transcription.Word(
                    text: word,
                    startSeconds: start + frameSeconds * Double(span?.frames.lowerBound ?? 0),
                    endSeconds: start + (span.map { frameSeconds * Double($0.frames.upperBound) } ?? seconds),
                    logProbability: span?.logProbability
                )
            }
        }
    }

    /// Tokens put together to words; a piece that begins with a word mark begins one.
    private func words(
        _ tokens: [Int32],
        _ spans: [CTC.TokenSpan]?
    ) throws -> [(String, CTC.TokenSpan?)] {
        var words: [(tokens: [Int32], span: CTC.TokenSpan?)] = []
        for (index, token) in tokens.enumerated() {
            let piece = tokenizer.pieces.indices.contains(Int(token)) ? tokenizer.pieces[Int(token)].text : ""
            let span = spans?[index]
            if words.isEmpty || piece.hasPrefix(Self.wordMark) {
                words.append(([token], span))
                continue
            }
            words[words.count - 1].tokens.append(token)
            if let span, let first = words[words.count - 1].span {
                let count = Double(words[words.count - 1].tokens.count)
                words[words.count - 1].span = CTC.TokenSpan(
                    token: first.token,
                    frames: first.frames.lowerBound..<max(first.frames.upperBound, span.frames.upperBound),
                    logProbability: first.logProbability + (span.logProbability - first.logProbability)
                        / count
                )
            }
        }
        return try words.compactMap { word in
            let text = try tokenizer.decode(word.tokens)
            return text.isEmpty ? nil : (text, word.span)
        }
    }

    /// SentencePiece's mark of a word's beginning, U+2581.
    private static let wordMark = "\u{2581}"
}

/// What was said in a recording.
public struct Transcription: Sendable, Hashable {
    /// A word, and when it is said.
    public struct Word: Sendable, Hashable {
        /// The word.
        public var text: String
        /// When it begins, in seconds.
        public var startSeconds: Double
        /// When it ends.
        public var endSeconds: Double
        /// How sure the frames are of it: the mean logarithm of its tokens' probabilities; nil where it fits none.
        public var logProbability: Double?
    }

    /// The recording.
    public var path: String
    /// How long it is.
    public var durationSeconds: Double
    /// All words in order.
    public var words: [Word]

    /// The text.
    public var text: String { words.map(\.text).joined(separator: " ") }
}
