import TensorCore
import Testing

@testable import Trainer

/// WavLM against transformers' numbers.
@Suite struct WavLMTests {
    static func tiny(_ style: WavLMConfiguration.Style, normalizesPadding: Bool = true) -> WavLMConfiguration
    {
        WavLMConfiguration(
            style: style,
            convolutionWidth: 16,
            width: 32,
            layerCount: 3,
            headCount: 4,
            innerWidth: 64,
            positionKernelSize: 16,
            positionGroupCount: 4,
            bucketCount: 32,
            maximumDistance: 80,
            normalizesPadding: normalizesPadding
        )
    }

    private func model(
        _ name: String,
        _ configuration: WavLMConfiguration
    ) throws -> (WavLM, [Parameter]) {
        let builder = ParameterBuilder.loading(try GoldenFile.checkpoint("wavlm_tiny_\(name).weights"))
        let model = try WavLM(builder, configuration)
        try builder.finish()
        return (model, builder.parameters)
    }

    @Test(arguments: [("group", WavLMConfiguration.Style.base), ("layer", .large)])
    func hiddenStatesAndAllDerivativesMatch(_ name: String, _ style: WavLMConfiguration.Style) throws {
        let file = try GoldenFile("wavlm_tiny_\(name).io")
        let (model, parameters) = try model(name, Self.tiny(style))
        let waveform = Parameter("waveform", try file.tensor("in.waveform"))
        let lengths = try file.tensor("in.lengths").floats().map { Int($0) }
        let output = try model(waveform.tensor, lengths: lengths)
        #expect(try output.lengths == file.tensor("masked.frame_lengths").floats().map { Int($0) })
        for (index, state) in output.hiddenStates.enumerated() {
            try file.expectClose(state, "masked.hidden_states.\(index)", 2e-5)
        }
        try file.expectClose(output.last, "masked.last_hidden_state", 2e-5)

        var loss = try output.last.multiplying(file.tensor("masked.up.last_hidden_state")).sum()
        for (index, state) in output.hiddenStates.enumerated() {
            loss = try loss.adding(state.multiplying(file.tensor("masked.up.hidden_states.\(index)")).sum())
        }
        try loss.backward()
        let start = try #require(waveform.gradient).sliced(axis: 1, 0..<2000)
        try file.expectClose(start, "masked.grad.in.waveform_first2000", 1e-4)
        for parameter in parameters where parameter.name != "masked_spec_embed" {
            let gradient = try #require(parameter.gradient, "\(parameter.name)")
            if parameter.name.hasSuffix("k_proj.bias") {
                // Zero in exact arithmetic: a softmax does not see a constant.
                #expect(try gradient.floats().allSatisfy { abs($0) < 1e-4 }, "\(parameter.name)")
            } else {
                try file.expectClose(gradient, "masked.grad.param.\(parameter.name)", 1e-4)
            }
        }
        let plain = try model(waveform.value, lengths: nil)
        for (index, state) in plain.hiddenStates.enumerated() {
            try file.expectClose(state, "nomask.hidden_states.\(index)", 2e-5)
        }
        let alone = try waveform.value.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<lengths[1])
        try file.expectClose(try model(alone, lengths: nil).last, "alone1.last_hidden_state", 2e-5)
    }

    /// What the original got wrong: the first group norm saw padding.
    @Test(arguments: [("group", WavLMConfiguration.Style.base), ("layer", .large)])
    func paddingDoesNotShow(_ name: String, _ style: WavLMConfiguration.Style) throws {
        let file = try GoldenFile("wavlm_tiny_\(name).io")
        let (model, _) = try model(name, Self.tiny(style, normalizesPadding: false))
        let waveform = try file.tensor("in.waveform")
        let lengths = try file.tensor("in.lengths").floats().map { Int($0) }
        let output = try model(waveform, lengths: lengths)
        let frames = try #require(output.lengths)[1]
        let padded = try output.last.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<frames)
        try file.expectClose(padded, "alone1.last_hidden_state", 2e-5)
    }

    @Test func frameCountsMatch() throws {
        let file = try GoldenFile("wavlm_lengths")
        let samples = try file.tensor("num_samples").floats(),
            frames = try file.tensor("conv_frames").floats()
        for (count, expected) in zip(samples, frames) {
            #expect(WavLMConfiguration.base.frameCount(sampleCount: Int(count)) == Int(expected), "\(count)")
        }
        #expect(WavLMConfiguration.base.frameCount(sampleCount: 399) == 0)
        #expect(WavLMConfiguration.base.frameCount(sampleCount: -1) == 0)
    }

    @Test(arguments: [("b32_d80", 32, 80), ("b320_d800", 320, 800)])
    func bucketsMatch(_ name: String, _ count: Int, _ distance: Int) throws {
        let file = try GoldenFile("wavlm_relpos_buckets")
        let positions = RelativePositions(bucketCount: count, maximumDistance: distance)
        let distances = try file.tensor("\(name).relative_position").floats()
        let buckets = try file.tensor("\(name).bucket").floats()
        for (distance, bucket) in zip(distances, buckets) {
            #expect(positions.bucket(Int(distance)) == Int(bucket), "\(distance)")
        }
    }

    @Test func bothSpellingsOfTheKernelLoad() throws {
        let checkpoint = try GoldenFile.checkpoint("wavlm_tiny_group.weights")
        var renamed: [String: Tensor] = [:]
        for name in checkpoint.names {
            let new = name.replacing("conv.weight_g", with: "conv.parametrizations.weight.original0")
                .replacing("conv.weight_v", with: "conv.parametrizations.weight.original1")
            renamed[new] = try checkpoint.tensor(name)
        }
        #expect(Set(renamed.keys) != Set(checkpoint.names))
        let builder = ParameterBuilder.loading(ParameterDictionary(renamed))
        _ = try WavLM(builder, Self.tiny(.base))
        try builder.finish()
    }

    @Test func tooLittleAudioIsAnError() throws {
        let (model, _) = try model("group", Self.tiny(.base))
        #expect(throws: TensorError.self) { try model(.zeros([1, 399]), lengths: nil) }
    }
}
