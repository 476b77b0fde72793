import TensorCore
import Testing

@testable import Trainer

/// What the original got wrong: what lies behind the end of an utterance must not show, in evaluation or training.
@Suite struct EncoderPaddingTests {
    private let sizes = EncoderSizes(
        width: 16,
        headCount: 2,
        levelCount: 3,
        layersPerBlock: 1,
        innerWidth: 32,
        kernelSize: 7
    )

    /// What one pass gives and leaves.
    private struct Outcome {
        var frames: [Float]
        var derivatives: [[Float]]
        var buffers: [[Float]]
    }

    /// Passes frames through an encoder that is new but always the same, and walks back from the first 13 of them.
    private func pass(
        _ x: Tensor,
        lengths: [Int],
        _ context: ForwardContext,
        _ compatibility: Compatibility = .none
    ) throws -> Outcome {
        var sizes = sizes
        sizes.compatibility = compatibility
        let builder = ParameterBuilder.random(seed: 3)
        let encoder = try ZipformerEncoder(builder, sizes)
        let input = Parameter("x", x)
        let result = try encoder(input.tensor, lengths: lengths, context)
        #expect(result.lengths == lengths)
        let frames = try result.0.sliced(axis: 1, 0..<13)
        try frames.maskingFrames(beyond: lengths).multiplying(noise("up", frames.shape)).sum().backward()
        let gradient = try #require(input.gradient).sliced(axis: 1, 0..<13).floats()
        return Outcome(
            frames: try frames.maskingFrames(beyond: lengths).floats(),
            derivatives: [gradient] + (try builder.parameters.map { try $0.gradient?.floats() ?? [] }),
            buffers: try builder.buffers.map { try $0.value.floats() }
        )
    }

    private func noise(_ name: String, _ shape: Shape) throws -> Tensor {
        try ParameterBuilder.random(seed: 4).parameter(name, shape, .normal(standardDeviation: 1)).value
    }

    private func difference(_ left: [[Float]], _ right: [[Float]]) -> Float {
        zip(left, right).map { pair in
            let largest = max(1e-3, pair.0.map(abs).max() ?? 0)
            return (zip(pair.0, pair.1).map { abs($0 - $1) }.max() ?? 0) / largest
        }.max() ?? 0
    }

    @Test(arguments: [false, true])
    func paddingDoesNotShow(_ isTraining: Bool) throws {
        let context = ForwardContext(isTraining: isTraining)
        let alone = try noise("x", [2, 13, 16])
        let padded = try Tensor.concatenated([alone, noise("padding", [2, 9, 16])], axis: 1)
        let first = try pass(alone, lengths: [13, 11], context)
        let second = try pass(padded, lengths: [13, 11], context)
        #expect(difference([first.frames], [second.frames]) < 1e-5)
        #expect(difference(first.derivatives, second.derivatives) < 5e-5)
        #expect(difference(first.buffers, second.buffers) < 1e-5)
        // The same comparison sees what the original does.
        let original = Compatibility(growsMasks: false, convolvesPadding: true)
        let third = try pass(alone, lengths: [13, 11], context, original)
        let fourth = try pass(padded, lengths: [13, 11], context, original)
        #expect(difference([third.frames], [fourth.frames]) > 1e-2)
    }

    @Test(arguments: [false, true])
    func anEmptyRowHarmsNoOther(_ isTraining: Bool) throws {
        let context = ForwardContext(isTraining: isTraining)
        let row = try noise("x", [1, 13, 16])
        let both = try Tensor.concatenated([row, noise("other", [1, 13, 16])], axis: 0)
        let alone = try pass(row, lengths: [13], context)
        let result = try pass(both, lengths: [13, 0], context)
        #expect(result.frames.allSatisfy { $0.isFinite })
        #expect(result.derivatives.joined().allSatisfy { $0.isFinite })
        #expect(difference([alone.frames], [Array(result.frames.prefix(13 * 16))]) < 1e-5)
        #expect(difference(alone.buffers, result.buffers) < 1e-5)
    }
}
