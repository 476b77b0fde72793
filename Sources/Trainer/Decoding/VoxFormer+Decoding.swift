import TensorCore

extension VoxFormer {
    /// The texts that were most likely said, by the decoder.
    ///
    /// A beam search over all utterances at once, with finished texts left as they are. What the decoder computed of a
    /// token is remembered, so a text of L tokens takes L passes of one token.
    ///
    /// - Parameters:
    ///   - heard: what ``encode(_:lengths:_:)`` returned.
    ///   - options: how a text is looked for.
    /// - Returns: for each row at most `beamWidth` texts, the best first.
    /// - Throws: ``TensorError``, or ``TrainerError/configuration(key:reason:)`` where nothing could be found so.
    public func transcriptions(
        of heard: Encoded,
        _ options: DecodingOptions = DecodingOptions()
    ) throws -> [[Hypothesis]] {
        try options.validate()
        return try withoutGradients {
            let rowCount = heard.frames.shape[0]
            let lengths = heard.lengths ?? [Int](repeating: heard.frames.shape[1], count: rowCount)
            var beams = lengths.map { Beam(options, frameCount: $0) }
            var cache = try decoder.cache(frames: heard.frames, lengths: heard.lengths)
            // Every utterance begins with one row of its own.
            var tokens = [Int32](repeating: SpecialToken.beginning.id, count: rowCount)
            while !tokens.isEmpty {
                let logits = try decoder.next(tokens, &cache)
                let scores = try logits.logSoftmax().floats()
                let size = logits.shape.last
                var row = 0
                var kept: [Int] = []
                tokens = []
                for index in beams.indices {
                    let count = beams[index].growing.count
                    guard count > 0 else { continue }
                    let rows = (row..<row + count).map { scores[$0 * size..<($0 + 1) * size] }
                    kept += beams[index].advance(rows).map { row + $0 }
                    tokens += beams[index].growing.compactMap { beams[index].entries[$0].tokens.last }
                    row += count
                }
                try cache.keep(rows: kept)
            }
            let frames = options.connectionistWeight > 0 ? try heard.frameScores() : []
            return try beams.enumerated().map { index, beam in
                try beam.hypotheses(frames.isEmpty ? nil : frames[index])
            }
        }
    }
}

extension VoxFormer.Encoded {
    /// The logarithms of the probabilities of tokens at every frame, for each utterance by itself.
    ///
    /// - Returns: one for each row, of its valid frames.
    /// - Throws: ``TensorError`` where a device fails.
    public func frameScores() throws -> [FrameScores] {
        let size = tokenScores.shape.last
        let frameCount = tokenScores.shape[1]
        let values = try tokenScores.detached.logSoftmax().floats()
        return try (0..<tokenScores.shape[0]).map { row in
            let start = row * frameCount * size
            let end = start + (lengths?[row] ?? frameCount) * size
            return try FrameScores(Array(values[start..<end]), vocabularySize: size)
        }
    }
}
