import TensorCore
import Testing

@testable import Trainer

/// The whole model against the original's numbers, where the original is right.
@Suite struct VoxFormerTests {
    private func model() throws -> VoxFormer { try TinyVoxFormer.model() }

    /// Half of the loss of the original's first steps: 0.4 CTC, 0.6 cross entropy.
    private func loss(_ model: VoxFormer, _ file: GoldenFile, _ prefix: String) throws -> Tensor {
        let lengths = try file.tensor("in.waveform_lengths").floats().map { Int($0) }
        let tokens = try file.tensor("in.target_ids").floats().map { Int32($0) }
        let targetLengths = try file.tensor("in.target_lengths").floats().map { Int($0) }
        let context = ForwardContext(isTraining: prefix == "trainbn.")
        let heard = try model.encode(file.tensor("in.waveform"), lengths: lengths, context)
        #expect(try heard.lengths == file.lengths("\(prefix)out.encoder_mask"))
        try file.expectClose(heard.frames, "\(prefix)out.encoder_output", 3e-5)
        try file.expectClose(heard.tokenScores, "\(prefix)out.ctc_logits", 3e-5)
        let logits = try model.decoder(
            tokens,
            batch: 3,
            frames: heard.frames,
            lengths: heard.lengths,
            context
        )
        try file.expectClose(logits, "\(prefix)out.decoder_logits", 3e-5)
        let width = tokens.count / 3
        let ctc = try heard.tokenScores.connectionistTemporalClassificationLoss(
            (0..<3).map { row in (1...targetLengths[row]).map { tokens[row * width + $0] } },
            inputLengths: try file.tensor("encoder_lengths").floats().map { Int($0) }
        )
        let next = (0..<3).flatMap { row in tokens[row * width + 1..<(row + 1) * width] }
        let entropy = try logits.sliced(axis: 1, 0..<width - 1)
            .crossEntropy(next, ignoring: 0, smoothing: .withoutTargetShare(0.1))
        try file.expectClose(ctc, "\(prefix)ctc_loss", 1e-5)
        try file.expectClose(entropy, "\(prefix)ce_loss", 1e-5)
        return try ctc.scaled(by: 0.4).adding(entropy.scaled(by: 0.6))
    }

    @Test(arguments: ["evalbn.", "trainbn."])
    func outputsAndLossesMatch(_ prefix: String) throws {
        let file = try GoldenFile("full_tiny.io")
        let loss = try loss(try model(), file, prefix)
        try file.expectClose(loss, "\(prefix)loss", 1e-5)
    }

    @Test(arguments: [(1, VoxFormer.Stage.withoutWavLM), (2, .lastWavLMLayers(2))])
    func derivativesOfBothStagesMatch(_ number: Int, _ stage: VoxFormer.Stage) throws {
        let model = try model()
        model.freeze(for: stage)
        try loss(model, GoldenFile("full_tiny.io"), "trainbn.").backward()
        let file = try GoldenFile("full_tiny.grads_stage\(number)")
        let expected = Set(file.names.map { String($0.dropFirst("trainbn.grad.".count)) })
        let trained = model.parameters.filter(\.isTrainable)
        #expect(Set(trained.map(\.name)) == expected)
        for parameter in trained {
            let gradient = try #require(parameter.gradient, "\(parameter.name)")
            if parameter.name.hasSuffix("k_proj.bias"), parameter.name.contains("wavlm") {
                #expect(try gradient.floats().allSatisfy { abs($0) < 1e-4 }, "\(parameter.name)")
            } else {
                try file.expectClose(gradient, "trainbn.grad.\(parameter.name)", 3e-4)
            }
        }
        #expect(model.parameters.allSatisfy { $0.isTrainable || $0.gradient == nil })
    }

    /// What the original got wrong: what was frozen once stayed frozen.
    @Test func aLaterStageThawsWhatAnEarlierOneFroze() throws {
        let model = try model()
        model.freeze(for: .withoutWavLM)
        #expect(model.parameters.contains { !$0.isTrainable })
        model.freeze(for: .everything)
        #expect(model.parameters.allSatisfy { $0.isTrainable })
    }
}
