import TensorCore
import Testing

@testable import Trainer

/// Dropout where the original has it: in the weights of attention, not in what a Conformer's attention gives.
@Suite struct ModelDropoutTests {
    private func noise(_ name: String, _ shape: Shape) throws -> Tensor {
        try ParameterBuilder.random(seed: 6).parameter(name, shape, .normal(standardDeviation: 1)).value
    }

    private func context(_ probability: Float) -> ForwardContext {
        ForwardContext(isTraining: true, random: RandomStream(seed: 9), dropout: probability)
    }

    /// The weights' expectation is what they are in evaluation, and the result is linear in them.
    @Test func attentionIsRightOnAverage() throws {
        let rows = 4000
        let attention = try SelfAttention(.random(seed: 5), width: 16, headCount: 2)
        let frames = try noise("x", [1, 9, 16])
        let want = try attention(frames, lengths: [7], .evaluation).floats()
        let many = try frames.broadcast(to: [rows, 9, 16])
        let lengths = [Int](repeating: 7, count: rows)
        let got = try attention(many, lengths: lengths, context(0.3))
        let mean = try got.sum(axis: 0).scaled(by: 1 / Float(rows)).floats()
        let square = try got.multiplying(got).sum(axis: 0).scaled(by: 1 / Float(rows)).floats()
        for index in want.indices {
            let deviation = max(0, square[index] - mean[index] * mean[index]).squareRoot()
            #expect(deviation > 1e-3, "nothing was taken from \(index)")
            #expect(abs(mean[index] - want[index]) < 5.5 * deviation / Float(rows).squareRoot())
        }
        // Taken from the result instead, three tenths of it would be zeros.
        let zeroCount = try got.floats().count { $0 == 0 }
        #expect(zeroCount < rows / 100)
    }

    /// Two dropouts for each feed-forward, one for attention's weights and one for the convolution's result; a decoder's
    /// attentions have one more each for their results.
    @Test func everyDropoutHasChanceOfItsOwn() throws {
        let block = context(0.1)
        let sizes = EncoderSizes(width: 16, headCount: 2, innerWidth: 32, kernelSize: 7)
        _ = try ConformerBlock(.random(seed: 5), sizes)(noise("x", [1, 9, 16]), lengths: nil, block)
        #expect(block.random?.position == 6)
        let layer = context(0.1)
        let decoder = DecoderSizes(vocabularySize: 10, width: 16, headCount: 2, layerCount: 1, innerWidth: 32)
        let module = try DecoderLayer(.random(seed: 5), decoder)
        let memory = try module.crossAttention.projected(noise("x", [1, 9, 16]))
        _ = try module(noise("y", [1, 4, 16]), memory: memory, lengths: nil, layer)
        #expect(layer.random?.position == 6)
    }

    @Test func nothingIsTakenInEvaluation() throws {
        var context = context(0.5)
        context.isTraining = false
        let sizes = EncoderSizes(width: 16, headCount: 2, layersPerBlock: 1, innerWidth: 32, kernelSize: 7)
        let encoder = try ZipformerEncoder(.random(seed: 5), sizes)
        let x = try noise("x", [1, 9, 16])
        let first = try encoder(x, lengths: nil, context).0.floats()
        #expect(try first == encoder(x, lengths: nil, .evaluation).0.floats())
        #expect(context.random?.position == 0)
    }
}
