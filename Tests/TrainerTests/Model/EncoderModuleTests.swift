import TensorCore
import Testing

@testable import Trainer

/// The parts of the encoder against the original's numbers: values, and the derivatives of all inputs and parameters.
@Suite struct EncoderModuleTests {
    private let training = ForwardContext(isTraining: true)

    @Test func feedForwardMatches() throws {
        let file = try GoldenFile("mod_swiglu_ffn")
        let (module, parameters, _) = try file.module { try GatedFeedForward($0, width: 32, innerWidth: 64) }
        let x = Parameter("x", try file.tensor("in.x"))
        try file.check(module(x.tensor, training), "", output: "y", inputs: [x], parameters: parameters)
    }

    @Test(arguments: ["masked.", "nomask."])
    func selfAttentionMatches(_ prefix: String) throws {
        let file = try GoldenFile("mod_mhsa_rope")
        let (module, parameters, _) = try file.module { try SelfAttention($0, width: 32, headCount: 4) }
        let x = Parameter("x", try file.tensor("\(prefix)in.x"))
        let lengths = prefix == "masked." ? try file.lengths("masked.in.mask") : nil
        let result = try module(x.tensor, lengths: lengths, training)
        try file.check(result, prefix, output: "y", inputs: [x], parameters: parameters)
    }

    @Test(arguments: [
        ("mod_conv_k7", 7, false), ("mod_conv_k31", 31, false), ("mod_conv_k7_causal", 7, true),
    ])
    func convolutionMatchesAndMovesItsStatistics(_ name: String, _ kernelSize: Int, _ isCausal: Bool) throws {
        let file = try GoldenFile(name)
        for prefix in ["eval.", "train."] {
            let (module, parameters, buffers) = try file.module {
                try ConvolutionModule(
                    $0,
                    width: 32,
                    kernelSize: kernelSize,
                    isCausal: isCausal,
                    compatibility: .original
                )
            }
            let x = Parameter("x", try file.tensor("\(prefix)in.x"))
            let result = try module(x.tensor, lengths: nil, ForwardContext(isTraining: prefix == "train."))
            try file.check(result, prefix, output: "y", inputs: [x], parameters: parameters)
            try file.checkBuffers(buffers, after: prefix, isTraining: prefix == "train.")
        }
    }

    @Test(arguments: ["eval.", "train."])
    func conformerBlockMatches(_ prefix: String) throws {
        let file = try GoldenFile("mod_conformer_block")
        let sizes = EncoderSizes(
            width: 32,
            headCount: 4,
            innerWidth: 64,
            kernelSize: 31,
            compatibility: .original
        )
        let (module, parameters, buffers) = try file.module { try ConformerBlock($0, sizes) }
        let x = Parameter("x", try file.tensor("\(prefix)in.x"))
        let lengths = try file.lengths("\(prefix)in.mask")
        let result = try module(x.tensor, lengths: lengths, ForwardContext(isTraining: prefix == "train."))
        try file.check(result, prefix, output: "y", inputs: [x], parameters: parameters)
        try file.checkBuffers(buffers, after: prefix, isTraining: prefix == "train.")
    }

    @Test(arguments: [1, 2, 10, 11])
    func downsamplingMatches(_ frames: Int) throws {
        let file = try GoldenFile("mod_downsample")
        let (module, parameters, _) = try file.module { try Downsample($0, width: 32) }
        let x = Parameter("x", try file.tensor("T\(frames).in.x"))
        try file.check(module(x.tensor), "T\(frames).", output: "y", inputs: [x], parameters: parameters)
    }

    @Test(arguments: [(1, 1), (1, 2), (5, 9), (5, 10), (6, 11)])
    func upsamplingMatches(_ frames: Int, _ target: Int) throws {
        let file = try GoldenFile("mod_upsample")
        let prefix = "T\(frames)to\(target)."
        let (module, parameters, _) = try file.module { try Upsample($0, width: 32) }
        let x = Parameter("x", try file.tensor("\(prefix)in.x"))
        let result = try module(x.tensor, frameCount: target)
        try file.check(result, prefix, output: "y", inputs: [x], parameters: parameters)
    }

    @Test(arguments: ["ref_eval.", "ref_train.", "fixed_eval."])
    func theWholeEncoderMatches(_ prefix: String) throws {
        let file = try GoldenFile("mod_zipformer_encoder")
        let sizes = EncoderSizes(
            width: 32,
            headCount: 4,
            levelCount: 3,
            layersPerBlock: 1,
            innerWidth: 64,
            compatibility: Compatibility(growsMasks: prefix != "fixed_eval.", convolvesPadding: true)
        )
        let (module, parameters, buffers) = try file.module { try ZipformerEncoder($0, sizes) }
        let x = Parameter("x", try file.tensor("\(prefix)in.x"))
        let (result, lengths) = try module(
            x.tensor,
            lengths: try file.lengths("\(prefix)in.mask"),
            ForwardContext(isTraining: prefix == "ref_train.")
        )
        #expect(try lengths == file.lengths("\(prefix)out.mask"))
        try file.check(
            result,
            prefix,
            output: "y",
            inputs: [x],
            // The file has no derivatives of parameters for the corrected masks.
            parameters: prefix == "fixed_eval." ? [] : parameters,
            tolerance: 2e-5,
            gradientTolerance: 5e-5
        )
        try file.checkBuffers(buffers, after: prefix, isTraining: prefix == "ref_train.", tolerance: 2e-5)
    }

    @Test func anEncoderOfTwoLevelsAndLayersMatches() throws {
        let file = try GoldenFile("mod_zipformer_encoder_b2l2")
        let sizes = EncoderSizes(
            width: 16,
            headCount: 2,
            levelCount: 2,
            layersPerBlock: 2,
            innerWidth: 32,
            kernelSize: 7
        )
        let (module, parameters, _) = try file.module { try ZipformerEncoder($0, sizes) }
        let x = Parameter("x", try file.tensor("nomask.in.x"))
        let (result, lengths) = try module(x.tensor, lengths: nil, .evaluation)
        #expect(lengths == nil)
        try file.check(
            result,
            "nomask.",
            output: "y",
            inputs: [x],
            parameters: parameters,
            tolerance: 2e-5,
            gradientTolerance: 5e-5
        )
    }

    @Test func frontEndHeadMatches() throws {
        let file = try GoldenFile("mod_frontend_head")
        let (modules, parameters, _) = try file.module { builder in
            (
                try WeightedLayerSum(builder.scoped("weighted_layer_sum"), layerCount: 3),
                try FeatureAdapter(builder.scoped("adapter"), inputs: 32, width: 24)
            )
        }
        let layers = try (1...3).map { Parameter("h\($0)", try file.tensor("in.h\($0)")) }
        let sum = try modules.0(layers.map(\.tensor))
        try file.expectClose(sum, "out.sum", 1e-5)
        // Upstream derivatives are on both results.
        let features = try modules.1(sum, training)
        try file.expectClose(features, "out.features", 1e-5)
        let both = try sum.multiplying(file.tensor("up.sum")).sum()
            .adding(features.multiplying(file.tensor("up.features")).sum())
        try both.backward()
        for parameter in parameters {
            try file.expectClose(try #require(parameter.gradient), "grad.param.\(parameter.name)", 2e-5)
        }
        for layer in layers {
            try file.expectClose(try #require(layer.gradient), "grad.in.\(layer.name)", 2e-5)
        }
    }
}
