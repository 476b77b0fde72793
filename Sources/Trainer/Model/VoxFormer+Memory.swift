extension VoxFormer.Configuration {
    /// The least number of parameters of encoder and decoder: matrices alone.
    ///
    /// For refusing sizes that no machine has the memory for, before memory is asked for; a number that no size
    /// overflows.
    var leastParameterCount: Double {
        let (width, inner) = (Double(encoder.width), Double(encoder.innerWidth))
        // Two feed-forwards of two matrices, four of attention, three of the convolution's width.
        let conformer = 4 * width * inner + 4 * width * width + 3 * width * width
        let layers = Double(encoder.levelCount) * Double(encoder.layersPerBlock)
        let (depth, hidden) = (Double(decoder.width), Double(decoder.innerWidth))
        // Two attentions of four matrices, one feed-forward of two.
        let transformer = 8 * depth * depth + 2 * depth * hidden
        // The tokens' embedding, and the scores of frames and of tokens.
        let vocabulary = Double(decoder.vocabularySize) * depth * 2
        return layers * conformer + Double(decoder.layerCount) * transformer + vocabulary
    }

    /// Fails where training takes more memory than there is: weights, gradients and two moments, four bytes each.
    ///
    /// - Parameter freeByteCount: what there is; nil where nobody knows.
    /// - Throws: ``TrainerError/configuration(key:reason:)``.
    func requireRoom(freeByteCount: Double?) throws(TrainerError) {
        let needed = leastParameterCount * 16
        guard let freeByteCount, needed > freeByteCount else { return }
        func gigabytes(_ count: Double) -> String {
            let rounded = (count / 1e8).rounded() / 10
            return rounded < 1e6 ? "\(rounded) GB" : "millions of gigabytes"
        }
        throw .configuration(
            key: "model",
            reason:
                "training it takes at least \(gigabytes(needed)) of memory, and \(gigabytes(freeByteCount)) are free; make "
                + "d_model, d_ff, vocab_size or the number of layers smaller"
        )
    }
}
