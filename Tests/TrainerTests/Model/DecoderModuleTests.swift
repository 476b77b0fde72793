import TensorCore
import Testing

@testable import Trainer

/// The decoder against the original's numbers, and against itself token by token.
@Suite struct DecoderModuleTests {
    private let sizes = DecoderSizes(
        vocabularySize: 50,
        width: 32,
        headCount: 4,
        layerCount: 2,
        innerWidth: 64
    )

    @Test func aLayerMatches() throws {
        let file = try GoldenFile("mod_decoder_layer")
        let (module, parameters, _) = try file.module { try DecoderLayer($0, sizes) }
        let x = Parameter("x", try file.tensor("in.x"))
        let frames = Parameter("enc", try file.tensor("in.enc"))
        let result = try module(
            x.tensor,
            memory: module.crossAttention.projected(frames.tensor),
            lengths: file.lengths("in.enc_mask"),
            .evaluation
        )
        try file.check(result, "", output: "y", inputs: [x, frames], parameters: parameters)
    }

    private func tokens(_ file: GoldenFile, _ name: String) throws -> [Int32] {
        try file.tensor(name).floats().map { Int32($0) }
    }

    @Test func theDecoderMatches() throws {
        let file = try GoldenFile("mod_decoder")
        let (module, parameters, _) = try file.module { try TransformerDecoder($0, sizes) }
        let frames = Parameter("enc", try file.tensor("in.enc"))
        let result = try module(
            tokens(file, "in.ids"),
            batch: 2,
            frames: frames.tensor,
            lengths: file.lengths("in.enc_mask"),
            .evaluation
        )
        try file.check(result, "", output: "logits", inputs: [frames], parameters: parameters)
    }

    /// What the original got wrong: with its cache, every token saw the first one only.
    @Test(arguments: [[1, 1, 1, 1, 1, 1, 1], [7], [3, 4], [1, 5, 1]])
    func tokenByTokenEqualsAllAtOnce(_ pieces: [Int]) throws {
        let file = try GoldenFile("mod_decoder")
        let (module, _, _) = try file.module { try TransformerDecoder($0, sizes) }
        let ids = try tokens(file, "in.ids")
        var cache = try module.cache(frames: file.tensor("in.enc"), lengths: file.lengths("in.enc_mask"))
        var results: [Tensor] = []
        var start = 0
        for count in pieces {
            let piece = (0..<2).flatMap { row in ids[row * 7 + start..<row * 7 + start + count] }
            results.append(try module.next(piece, &cache))
            start += count
        }
        #expect(cache.tokenCount == 7)
        try file.expectClose(Tensor.concatenated(results, axis: 1), "out.logits", 1e-5)
    }

    @Test func theHeadOfCTCMatches() throws {
        let file = try GoldenFile("mod_ctc_head")
        let (head, parameters, _) = try file.module { try Linear($0, inputs: 32, outputs: 50) }
        let x = Parameter("x", try file.tensor("in.x"))
        let logits = try head(x.tensor)
        let logarithms = try logits.logSoftmax()
        try file.expectClose(logits, "out.logits", 1e-5)
        try file.expectClose(logarithms, "out.log_probs", 1e-5)
        try logits.multiplying(file.tensor("up.logits")).sum()
            .adding(logarithms.multiplying(file.tensor("up.log_probs")).sum()).backward()
        for parameter in parameters + [x] {
            let name = parameter.name == "x" ? "grad.in.x" : "grad.param.\(parameter.name)"
            try file.expectClose(try #require(parameter.gradient), name, 2e-5)
        }
    }
}
