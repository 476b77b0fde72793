import TensorCore
import Testing

@testable import Trainer

/// Both losses and their sum, against PyTorch's numbers.
@Suite struct HybridLossTests {
    @Test(arguments: [("warm", 0.4), ("last_warm", 0.4), ("main", 0.3)])
    func valuesAndDerivativesMatch(_ name: String, _ share: Double) throws {
        let file = try GoldenFile("loss_hybrid")
        let ids = try file.tensor("hybrid.targets")
        let width = ids.shape[1]
        let values = try ids.floats().map { Int32($0) }
        let lengths = try file.tensor("hybrid.target_lengths").floats().map { Int($0) }
        let tokens = TokenBatch(
            lengths.enumerated().map { Array(values[$0 * width + 1..<$0 * width + $1]) }
        )
        let scores = Parameter("scores", try file.tensor("hybrid.ctc_logits"))
        let logits = Parameter("logits", try file.tensor("hybrid.decoder_logits"))
        let losses = try HybridLoss(smoothing: .withoutTargetShare(0.1), spellsEnd: true)(
            scores: scores.tensor,
            lengths: file.tensor("hybrid.encoder_lengths").floats().map { Int($0) },
            logits: logits.tensor.sliced(axis: 1, 0..<tokens.length),
            tokens
        )
        let total = try losses.total(LossWeights.Pair(ctc: share, crossEntropy: 1 - share))
        try file.expectClose(losses.connectionist, "hybrid.\(name).ctc", 1e-5)
        try file.expectClose(losses.crossEntropy, "hybrid.\(name).ce", 1e-5)
        try file.expectClose(total, "hybrid.\(name).loss", 1e-5)
        try total.backward()
        try file.expectClose(#require(scores.gradient), "hybrid.\(name).grad_ctc_logits", 3e-5)
        try file.expectClose(#require(logits.gradient), "hybrid.\(name).grad_decoder_logits", 3e-5)
    }

    @Test func whatIsWrittenIsReadOnePlaceLater() {
        let batch = TokenBatch([[7, 8, 9], [5], []])
        #expect(batch.length == 4)
        #expect(batch.inputs == [1, 7, 8, 9, 1, 5, 0, 0, 1, 0, 0, 0])
        #expect(batch.targets == [7, 8, 9, 2, 5, 2, 0, 0, 2, 0, 0, 0])
        #expect(TokenBatch([]).inputs.isEmpty)
    }

    /// A text that is longer than its frames has no path: it counts as nothing, and breaks nothing.
    @Test func tooLongATextBreaksNothing() throws {
        let tokens = TokenBatch([[4, 5, 6], [4]])
        let scores = Parameter("scores", try Tensor.zeros([2, 2, 8]))
        let logits = try Tensor.zeros([2, 4, 8])
        let losses = try HybridLoss()(scores: scores.tensor, lengths: [2, 2], logits: logits, tokens)
        try losses.connectionist.backward()
        #expect(try losses.connectionist.item().isFinite)
        #expect(try #require(scores.gradient).floats().prefix(16).allSatisfy { $0 == 0 })
    }
}
