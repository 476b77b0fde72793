import TensorCore
import Testing

@testable import Trainer

/// Every stage of WavLM from the golden input of that stage, at the fixtures' tolerance of 2e-5.
///
/// An error that a later norm takes away again, or that two stages share, does not show in hidden states alone.
@Suite struct WavLMStageTests {
    /// The golden numbers of one layout, and its parameters.
    struct Golden: Sendable, CustomTestStringConvertible {
        let name: String
        let style: WavLMConfiguration.Style
        var testDescription: String { name }
        static let all = [Golden(name: "group", style: .base), Golden(name: "layer", style: .large)]

        func file() throws -> GoldenFile { try GoldenFile("wavlm_tiny_\(name).io") }
        var configuration: WavLMConfiguration { WavLMTests.tiny(style) }
        func parameters() throws -> ParameterBuilder {
            .loading(try GoldenFile.checkpoint("wavlm_tiny_\(name).weights"))
        }
    }

    private func counts(_ file: GoldenFile, _ name: String) throws -> [Int] {
        try file.tensor(name).floats().map { Int($0) }
    }

    @Test(arguments: Golden.all)
    func everyConvolutionMatches(_ golden: Golden) throws {
        let file = try golden.file()
        let extractor = try FeatureExtractor(
            golden.parameters().scoped("feature_extractor"),
            golden.configuration
        )
        var seen: [Tensor] = []
        let features = try extractor(
            file.tensor("in.waveform"),
            lengths: counts(file, "in.lengths")
        ) { seen.append($0) }
        #expect(seen.count == 7)
        for (index, x) in seen.enumerated() {
            // The file has channels first.
            let start = try x.sliced(axis: 1, 0..<64).transposed(1, 2).contiguous()
            try file.expectClose(start, "masked.conv\(index).out_first64", 2e-5)
        }
        try file.expectClose(features, "masked.conv_features", 2e-5)
    }

    @Test(arguments: Golden.all)
    func theProjectionMatches(_ golden: Golden) throws {
        let file = try golden.file()
        let place = try golden.parameters().scoped("feature_projection")
        let norm = try LayerNorm(place.scoped("layer_norm"), width: 16)
        let projection = try Linear(place.scoped("projection"), inputs: 16, outputs: 32)
        try file.expectClose(norm(file.tensor("masked.conv_features")), "masked.featproj.normed", 2e-5)
        try file.expectClose(
            projection(file.tensor("masked.featproj.normed")),
            "masked.featproj.projected",
            2e-5
        )
    }

    /// Padding is zero when it gets there, and the convolution goes over it all the same.
    @Test(arguments: Golden.all)
    func thePositionalConvolutionMatches(_ golden: Golden) throws {
        let file = try golden.file()
        let convolution = try PositionalConvolution(
            golden.parameters().scoped("encoder").scoped("pos_conv_embed"),
            golden.configuration
        )
        let x = try file.tensor("masked.featproj.projected")
            .maskingFrames(beyond: counts(file, "masked.frame_lengths"))
        try file.expectClose(convolution(x), "masked.pos_conv.out", 2e-5)
    }

    /// A look-up: to the bit.
    @Test(arguments: Golden.all)
    func theBiasOfEveryPairOfFramesMatches(_ golden: Golden) throws {
        let file = try golden.file()
        let attention = try GatedAttention(
            golden.parameters().scoped("encoder.layers.0.attention"),
            golden.configuration,
            isFirst: true
        )
        let table = try #require(attention.table).tensor
        let frameCount = 99
        let bias = try RelativePositions(bucketCount: 32, maximumDistance: 80)
            .bias(table, frameCount: frameCount)
        #expect(bias.shape == [4, 2 * frameCount - 1])
        let values = try bias.floats()
        var pairs: [Float] = []
        for head in 0..<4 {
            for query in 0..<frameCount {
                let start = head * (2 * frameCount - 1) + frameCount - 1 - query
                pairs += values[start..<start + frameCount]
            }
        }
        try file.expectClose(Tensor(pairs, [4, frameCount, frameCount]), "masked.position_bias", 0)
    }

    @Test(arguments: Golden.all, 0..<3)
    func gatesAttentionAndTheWholeLayerMatch(_ golden: Golden, _ index: Int) throws {
        let file = try golden.file()
        let parameters = try golden.parameters()
        let place = parameters.scoped("encoder.layers.\(index)")
        let layer = try WavLMLayer(place, golden.configuration, isFirst: index == 0)
        let x = try file.tensor("masked.hidden_states.\(index)")
        // Large models normalise what attention sees.
        let input = golden.style == .large ? try LayerNorm(place.scoped("layer_norm"), width: 32)(x) : x
        try file.expectClose(layer.attention.gates(input), "masked.layer\(index).gate", 2e-5)

        let table = try parameters.parameter(
            "encoder.layers.0.attention.rel_attn_embed.weight",
            [32, 4],
            .zeros
        )
        let bias = try RelativePositions(bucketCount: 32, maximumDistance: 80)
            .bias(table.tensor, frameCount: 99)
        let lengths = try counts(file, "masked.frame_lengths")
        try file.expectClose(
            layer.attention(input, bias: bias, lengths: lengths),
            "masked.layer\(index).attn_out",
            2e-5
        )
        try file.expectClose(
            layer(x, bias: bias, lengths: lengths, .evaluation),
            "masked.hidden_states.\(index + 1)",
            2e-5
        )
    }

    /// Older releases of the original gave the last norm's result as the last hidden state: ours is `last`.
    @Test func theLastNormIsOnlyInLast() throws {
        let golden = Golden(name: "layer", style: .large)
        let file = try golden.file()
        let model = try WavLM(golden.parameters(), golden.configuration)
        let output = try model(file.tensor("in.waveform"), lengths: counts(file, "in.lengths"))
        #expect(output.hiddenStates.count == 4)
        try file.expectClose(output.last, "masked.hf4.hidden_states.3", 2e-5)
        try file.expectClose(output.hiddenStates[3], "masked.hidden_states.3", 2e-5)
        let plain = try model(file.tensor("in.waveform"), lengths: nil)
        try file.expectClose(plain.last, "nomask.last_hidden_state", 2e-5)
    }
}
