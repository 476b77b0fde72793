import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// What lies behind the end of an utterance counts only where published checkpoints were run like that.
@Suite struct WavLMPaddingTests {
    private static let samples = 20933
    private static let frames = 65

    private func model(_ golden: WavLMStageTests.Golden, normalizesPadding: Bool) throws -> WavLM {
        try WavLM(golden.parameters(), WavLMTests.tiny(golden.style, normalizesPadding: normalizesPadding))
    }

    /// The frames of the second utterance, and what they derive its samples by.
    private func run(
        _ model: WavLM,
        _ waveform: Tensor,
        lengths: [Int]?,
        upstream: Tensor
    ) throws -> (frames: Tensor, derivative: Tensor) {
        let row = waveform.shape[0] - 1
        let input = Parameter("waveform", waveform)
        let frames = try model(input.tensor, lengths: lengths).last
            .sliced(axis: 0, row..<row + 1).sliced(axis: 1, 0..<Self.frames)
        try frames.backward(upstream: upstream)
        return (frames, try #require(input.gradient).sliced(axis: 0, row..<row + 1))
    }

    private func difference(_ left: Tensor, _ right: Tensor) throws -> Float {
        let (a, b) = (try left.floats(), try right.floats())
        try #require(a.count == b.count)
        let largest = b.map(abs).max() ?? 0
        return (zip(a, b).map { abs($0 - $1) }.max() ?? .infinity) / max(largest, 1e-6)
    }

    @Test(arguments: WavLMStageTests.Golden.all)
    func neitherFramesNorDerivativesSeePadding(_ golden: WavLMStageTests.Golden) throws {
        let model = try model(golden, normalizesPadding: false)
        let silent = try golden.file().tensor("in.waveform")
        let upstream = try golden.file().tensor("masked.up.last_hidden_state")
            .sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<Self.frames).contiguous()
        let alone = try run(
            model,
            silent.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<Self.samples).contiguous(),
            lengths: nil,
            upstream: upstream
        )
        var noise = try silent.floats()
        var random = SeededRandom(seed: 5)
        for place in 32000 + Self.samples..<noise.count { noise[place] = .random(in: -1...1, using: &random) }
        for waveform in [silent, try Tensor(noise, silent.shape)] {
            let padded = try run(
                model,
                waveform,
                lengths: [32000, Self.samples],
                upstream: upstream
            )
            #expect(try difference(padded.frames, alone.frames) < 2e-5)
            let inside = try padded.derivative.sliced(axis: 1, 0..<Self.samples)
            #expect(try difference(inside, alone.derivative) < 1e-4)
            let behind = try padded.derivative.sliced(axis: 1, Self.samples..<32000).floats()
            #expect(behind.allSatisfy { $0 == 0 })
        }
    }

    /// The counter-proof: the original's group norm does see it, and only the base layout has one.
    @Test(arguments: WavLMStageTests.Golden.all)
    func theOriginalSeesPaddingInItsGroupNormAlone(_ golden: WavLMStageTests.Golden) throws {
        let output = try model(golden, normalizesPadding: true)(
            golden.file().tensor("in.waveform"),
            lengths: [32000, Self.samples]
        )
        let padded = try output.last.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<Self.frames)
        let error = try difference(padded, golden.file().tensor("alone1.last_hidden_state"))
        #expect(golden.style == .base ? error > 1e-2 : error < 2e-5, "\(error)")
    }

    /// Fewer than 400 samples are no frame: the row must not disturb the others, nor become NaN.
    @Test(arguments: WavLMStageTests.Golden.all)
    func aRowTooShortForAFrameDisturbsNoOther(_ golden: WavLMStageTests.Golden) throws {
        let model = try model(golden, normalizesPadding: false)
        let waveform = try golden.file().tensor("in.waveform")
        let output = try model(waveform, lengths: [399, Self.samples])
        #expect(output.lengths == [0, Self.frames])
        #expect(try output.last.floats().allSatisfy(\.isFinite))
        let other = try output.last.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<Self.frames)
        #expect(try difference(other, golden.file().tensor("alone1.last_hidden_state")) < 2e-5)
    }
}
