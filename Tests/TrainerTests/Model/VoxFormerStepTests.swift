import TensorCore
import Testing

@testable import Trainer

/// Five steps of training, and what the original got wrong of lengths, against PyTorch's numbers.
@Suite struct VoxFormerStepTests {
    /// The fixtures' README, section 4: the tolerances of losses, norms, and parameters after five steps.
    @Test(arguments: [(1, VoxFormer.Stage.withoutWavLM), (2, .lastWavLMLayers(2))])
    func fiveStepsMatch(_ number: Int, _ stage: VoxFormer.Stage) throws {
        let file = try GoldenFile("full_tiny.adamw_stage\(number)")
        let batch = try TinyVoxFormer.batch(GoldenFile("full_tiny.io"))
        let model = try TinyVoxFormer.model()
        model.freeze(for: stage)
        let optimizer = try AdamW(model.parameters, decays: WeightDecayRule.byName)
        let schedule = LearningRateSchedule(peak: 1e-3, warmUpSteps: 2, totalSteps: 10, form: .unbounded)
        let context = ForwardContext(isTraining: true)
        let loss = HybridLoss(smoothing: .withoutTargetShare(0.1), spellsEnd: true)
        let weights = LossWeights.Pair(ctc: 0.4, crossEntropy: 0.6)
        func values() throws -> HybridLoss.Values {
            let heard = try model.encode(batch.waveform, lengths: batch.lengths, context)
            return try loss(model, heard, batch.tokens, context)
        }
        for step in 0..<5 {
            let values = try values()
            let total = try values.total(weights)
            try expect(total, file, "log.loss", step)
            try expect(values.connectionist, file, "log.ctc_loss", step)
            try expect(values.crossEntropy, file, "log.ce_loss", step)
            try total.backward()
            let rate = schedule.rate(at: step)
            try expect(Tensor(rate), file, "log.lr", step)
            let norm = try optimizer.step(learningRate: rate, maximumNorm: 1)
            try expect(Tensor(Float(norm)), file, "log.grad_norm", step)
            try optimizer.clearGradients()
            for name in file.names where name.hasPrefix("step\(step + 1).") {
                let parameter = try #require(
                    model.parameters.first { "step\(step + 1).\($0.name)" == name },
                    "\(name)"
                )
                try expectStepped([parameter], file, "step\(step + 1).")
            }
        }
        let trained = model.parameters.filter { file.names.contains("final.\($0.name)") }
        #expect(number == 2 || trained.count == model.parameters.count { $0.isTrainable })
        try expectStepped(trained, file, "final.")
        try expect(values().total(weights), file, "log.loss_after", 0)
    }

    /// A single number of a row of them, to a ten-thousandth.
    private func expect(_ got: Tensor, _ file: GoldenFile, _ name: String, _ step: Int) throws {
        let want = try file.tensor(name).floats()[step]
        let value = try got.item()
        let error = abs(value - want)
        #expect(error <= 1e-4 * max(abs(want), 1e-6), "\(name) \(step): \(value) for \(want)")
    }

    /// 99.9 % of all elements within 2e-5 and every one within the peak rate.
    ///
    /// Keys' biases have no derivative but noise, so they may go anywhere at the learning rate.
    private func expectStepped(_ parameters: [Parameter], _ file: GoldenFile, _ prefix: String) throws {
        #expect(!parameters.isEmpty)
        var errors: [Float] = []
        for parameter in parameters where !parameter.name.hasSuffix("k_proj.bias") {
            let want = try file.tensor(prefix + parameter.name).floats()
            errors += zip(try parameter.value.floats(), want).map { abs($0 - $1) }
        }
        let far = errors.count { $0 > 2e-5 }
        #expect(Double(far) <= max(1, 0.001 * Double(errors.count)), "\(prefix)\(parameters[0].name): \(far)")
        #expect(errors.allSatisfy { $0 <= 1e-3 })
    }

    /// Lengths where the original lets up to three frames of padding count, and what is right there.
    @Test(arguments: ["ref.", "fixed."])
    func lengthsThatTheOriginalGetsWrong(_ prefix: String) throws {
        let file = try GoldenFile("full_tiny.quirks")
        let batch = try TinyVoxFormer.batch(file)
        let model = try TinyVoxFormer.model(growsMasks: prefix == "ref.")
        let heard = try model.encode(batch.waveform, lengths: batch.lengths, .evaluation)
        #expect(try heard.lengths == file.lengths("\(prefix)out.encoder_mask"))
        try file.expectClose(heard.frames, "\(prefix)out.encoder_output", 3e-5)
        try file.expectClose(heard.tokenScores, "\(prefix)out.ctc_logits", 3e-5)
        let logits = try model.decoder(
            file.tensor("in.target_ids").floats().map { Int32($0) },
            batch: 3,
            frames: heard.frames,
            lengths: heard.lengths,
            .evaluation
        )
        try file.expectClose(logits, "\(prefix)out.decoder_logits", 3e-5)
        let loss = HybridLoss(smoothing: .withoutTargetShare(0.1), spellsEnd: true)
        let lengths = try file.tensor("\(prefix)encoder_lengths").floats().map { Int($0) }
        let values = try loss(
            scores: heard.tokenScores,
            lengths: lengths,
            logits: logits.sliced(axis: 1, 0..<batch.tokens.length),
            batch.tokens
        )
        try file.expectClose(values.connectionist, "\(prefix)ctc_loss", 1e-5)
        try file.expectClose(values.crossEntropy, "\(prefix)ce_loss", 1e-5)
        // The original's first steps: 0.4 and 0.6.
        let total = try values.total(LossWeights.Pair(ctc: 0.4, crossEntropy: 0.6))
        try file.expectClose(total, "\(prefix)loss", 1e-5)
    }

    /// A model of random weights learns four utterances by heart: everything from the waveform to the text works together.
    @Test(.timeLimit(.minutes(10)))
    func fourUtterancesAreLearntByHeart() throws {
        var configuration = TinyVoxFormer.configuration()
        configuration.encoder.compatibility = .none
        let model = try VoxFormer(.random(seed: 7), configuration)
        model.freeze(for: .withoutWavLM)
        let texts: [[Int32]] = [[11, 12, 12, 40], [30, 9, 8], [21, 22, 23, 24, 25], [5, 5]]
        let tokens = TokenBatch(texts)
        let waveform = try RandomStream(seed: 3).tensor([4, 9600], .normal(standardDeviation: 0.2))
        let lengths = [9600, 8000, 9600, 7000]
        let optimizer = try AdamW(model.parameters)
        let context = ForwardContext(isTraining: true)
        for step in 0..<150 {
            let heard = try model.encode(waveform, lengths: lengths, context)
            let values = try HybridLoss()(model, heard, tokens, context)
            try values.total(LossWeights.Pair(ctc: 0.5, crossEntropy: 0.5)).backward()
            let rate = LearningRateSchedule(peak: 5e-3, warmUpSteps: 10, totalSteps: 150).rate(at: step)
            try optimizer.step(learningRate: rate, maximumNorm: 1)
            try optimizer.clearGradients()
        }
        let heard = try model.encode(waveform, lengths: lengths, .evaluation)
        #expect(try heard.frameScores().map { try CTC.greedyTokens($0) } == texts)
        for width in [1, 4] {
            let found = try model.transcriptions(of: heard, DecodingOptions(beamWidth: width))
            #expect(found.map { $0[0].tokens } == texts)
            #expect(found.allSatisfy { $0[0].isFinished })
        }
    }
}
