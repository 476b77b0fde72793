public import TensorCore

/// Conformer blocks at falling frame rates, and back up with short cuts: a U-Net over time.
///
/// Source: Yao et al., "Zipformer", 2024, in name; the layout is VoxFormer's.
public struct ZipformerEncoder: Sendable {
    private let down: [[ConformerBlock]]
    private let downsample: [Downsample]
    private let up: [[ConformerBlock]]
    private let upsample: [Upsample]
    private let fusions: [Linear]
    private let norm: LayerNorm
    private let sizes: EncoderSizes

    /// - Parameters:
    ///   - builder: makes all parts by the original's names.
    ///   - sizes: the encoder's sizes.
    /// - Throws: ``TensorError`` where memory or the file fails, or the sizes do not suit.
    public init(_ builder: ParameterBuilder, _ sizes: EncoderSizes) throws(TensorError) {
        try sizes.validate()
        self.sizes = sizes
        func blocks(_ name: String, _ index: Int) throws(TensorError) -> [ConformerBlock] {
            var blocks: [ConformerBlock] = []
            for layer in 0..<sizes.layersPerBlock {
                let place = builder.scoped(name).scoped(index).scoped("layers").scoped(layer)
                blocks.append(try ConformerBlock(place, sizes))
            }
            return blocks
        }
        var down: [[ConformerBlock]] = []
        var up: [[ConformerBlock]] = []
        var downsample: [Downsample] = []
        var upsample: [Upsample] = []
        var fusions: [Linear] = []
        for level in 0..<sizes.levelCount { down.append(try blocks("encoder_blocks", level)) }
        for step in 0..<max(0, sizes.levelCount - 1) {
            downsample.append(
                try Downsample(builder.scoped("downsample_layers").scoped(step), width: sizes.width)
            )
            upsample.append(try Upsample(builder.scoped("upsample_layers").scoped(step), width: sizes.width))
            fusions.append(
                try Linear(
                    builder.scoped("skip_fusions").scoped(step),
                    inputs: 2 * sizes.width,
                    outputs: sizes.width
                )
            )
            up.append(try blocks("decoder_blocks", step))
        }
        (self.down, self.up) = (down, up)
        (self.downsample, self.upsample, self.fusions) = (downsample, upsample, fusions)
        norm = try LayerNorm(builder.scoped("output_norm"), width: sizes.width)
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - lengths: how many frames of each row are no padding; nil for all.
    ///   - context: how the model is run.
    /// - Returns: a tensor of the same shape, and how many of its frames count.
    /// - Throws: ``TensorError``.
    public func callAsFunction(
        _ x: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> (Tensor, lengths: [Int]?) {
        var x = x
        var lengths = lengths
        var skips: [(frames: Tensor, lengths: [Int]?)] = []
        for level in down.indices {
            for block in down[level] { x = try block(x, lengths: lengths, context) }
            guard level < downsample.count else { continue }
            skips.append((x, lengths))
            x = try downsample[level](masked(x, lengths))
            lengths = lengths?.map { ($0 + 1) / 2 }
        }
        for step in up.indices {
            guard let skip = skips.popLast() else { continue }
            let frameCount = skip.frames.shape[1]
            let wide = try upsample[step](masked(x, lengths), frameCount: frameCount)
            x = try fusions[step](Tensor.concatenated([wide, skip.frames], axis: 2))
            lengths =
                sizes.compatibility.growsMasks ? lengths?.map { min(frameCount, 2 * $0) } : skip.lengths
            for block in up[step] { x = try block(x, lengths: lengths, context) }
        }
        return (try norm(x), lengths)
    }

    private func masked(_ x: Tensor, _ lengths: [Int]?) throws(TensorError) -> Tensor {
        sizes.compatibility.convolvesPadding ? x : try x.maskingFrames(beyond: lengths)
    }
}
