import Glibc
import TensorCore
import Trainer

/// Times one step of training, or one pass, at real size: wavlm-base and VoxFormer as stages 1 and 2 have them, and
/// stage 1 behind wavlm-large.
///
///     StepBenchmark stage1|kept|stage2|forward|large|large-kept [repetitions]
///
/// Prints a line for each repetition: seconds forward, backward, of the optimiser, separated by tabs.
@main
enum StepBenchmark {
    /// As many utterances, samples and tokens as the PyTorch side takes.
    private static let batch = 2
    private static let sampleCount = 80_000
    private static let tokenCount = 29

    static func main() throws {
        let arguments = CommandLine.arguments
        let names = ["stage1", "kept", "stage2", "forward", "large", "large-kept"]
        guard let name = arguments.dropFirst().first, names.contains(name) else {
            print("usage: StepBenchmark \(names.joined(separator: "|")) [repetitions]")
            exit(2)
        }
        let repetitions = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 3
        let front: WavLMConfiguration = name.hasPrefix("large") ? .large : .base
        let model = try VoxFormer(.random(seed: 1), VoxFormer.Configuration(wavLM: front))
        var numbers = RandomStream(seed: 2).numbers()
        let waveform = try Tensor(
            (0..<batch * sampleCount).map { _ in Float.random(in: -0.1...0.1, using: &numbers) },
            [batch, sampleCount]
        )
        let tokens = TokenBatch(
            (0..<batch).map { _ in (0..<tokenCount).map { _ in Int32.random(in: 4..<2000, using: &numbers) } }
        )
        if name == "forward" {
            for _ in 0..<repetitions { try timeForward(model, waveform, tokens) }
        } else {
            model.freeze(for: name == "stage2" ? .lastWavLMLayers(3) : .withoutWavLM)
            let optimizer = try AdamW(model.parameters)
            let random = RandomStream(seed: 3)
            // As in a later epoch of stage 1, where the front end's features are read and not computed.
            let kept =
                name.hasSuffix("kept")
                ? try withoutGradients { try model.listen(waveform, lengths: nil) } : nil
            for _ in 0..<repetitions { try timeStep(model, optimizer, random, waveform, kept, tokens) }
        }
    }

    private static func timeForward(_ model: VoxFormer, _ waveform: Tensor, _ tokens: TokenBatch) throws {
        let start = seconds()
        try withoutGradients {
            let heard = try model.encode(waveform, lengths: nil, .evaluation)
            _ = try model.decoder(
                tokens.inputs,
                batch: batch,
                frames: heard.frames,
                lengths: nil,
                .evaluation
            )
        }
        print("\(seconds() - start)\t0\t0")
    }

    private static func timeStep(
        _ model: VoxFormer,
        _ optimizer: AdamW,
        _ random: RandomStream,
        _ waveform: Tensor,
        _ kept: FrontEndFeatures?,
        _ tokens: TokenBatch
    ) throws {
        let context = ForwardContext(isTraining: true, random: random, dropout: 0.1)
        let start = seconds()
        let heard = try model.encode(kept ?? model.listen(waveform, lengths: nil), context)
        let loss = try HybridLoss()(model, heard, tokens, context)
            .total(LossWeights.Pair(ctc: 0.4, crossEntropy: 0.6))
        let value = try loss.item()
        let forward = seconds()
        try loss.backward()
        let backward = seconds()
        try optimizer.step(learningRate: 1e-4, maximumNorm: 1)
        try optimizer.clearGradients()
        let end = seconds()
        print("\(forward - start)\t\(backward - forward)\t\(end - backward)\t\(value)")
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
