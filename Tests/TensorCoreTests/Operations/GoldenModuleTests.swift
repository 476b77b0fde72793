import Testing

@testable import TensorCore

/// Modules of a few operations against what PyTorch computed in double precision.
@Suite struct GoldenModuleTests {
    @Test(arguments: [1, 2, 10, 11])
    func downsamplingAgreesWithPyTorch(_ length: Int) throws {
        try checkModule(FixtureReader("mod_downsample"), "T\(length).") { x, parameters in
            try x.convolved(parameters("conv.weight"), stride: 2, padding: (1, 1))
                .layerNormalized(parameters("layer_norm.weight"), parameters("layer_norm.bias"))
        }
    }

    @Test(arguments: [(1, 1), (1, 2), (5, 9), (5, 10), (6, 11)])
    func upsamplingAgreesWithPyTorch(_ length: Int, _ target: Int) throws {
        try checkModule(FixtureReader("mod_upsample"), "T\(length)to\(target).") { x, parameters in
            try x.transposeConvolved(parameters("conv.weight"), stride: 2, padding: 1, outputPadding: 1)
                .sliced(axis: 1, 0..<target)
                .layerNormalized(parameters("layer_norm.weight"), parameters("layer_norm.bias"))
        }
    }

    @Test(
        arguments: [("mod_conv_k7", 3, 3), ("mod_conv_k31", 15, 15), ("mod_conv_k7_causal", 6, 0)],
        [true, false]
    )
    func convolutionModulesAgreeWithPyTorch(
        _ module: (name: String, before: Int, after: Int),
        _ isTraining: Bool
    ) throws {
        let file = try FixtureReader(module.name)
        let prefix = isTraining ? "train." : "eval."
        try checkModule(file, prefix) { x, parameters in
            let gated = try x.layerNormalized(
                parameters("layer_norm.weight"),
                parameters("layer_norm.bias")
            ).convolved(parameters("pointwise_conv1.weight")).gatedLinearUnit()
            let mixed = try gated.convolved(
                parameters("depthwise_conv.weight"),
                padding: (module.before, module.after),
                groupCount: 32
            )
            let (weight, bias) = (try parameters("batch_norm.weight"), try parameters("batch_norm.bias"))
            let mean = try file("buffer.batch_norm.running_mean")
            let variance = try file("buffer.batch_norm.running_var")
            let normalized: Tensor
            if isTraining {
                let (result, batchMean, batchVariance, count) =
                    try mixed.batchNormalizedInTraining(weight, bias, activation: .silu)
                normalized = result
                let unbiased = Float(count) / Float(count - 1)
                let means = zip(mean.values, try batchMean.floats()).map { 0.9 * $0 + 0.1 * $1 }
                let variances = zip(variance.values, try batchVariance.floats())
                    .map { 0.9 * $0 + 0.1 * $1 * unbiased }
                let after = "train.buffer_after.batch_norm."
                expectClose(means, try file(after + "running_mean").values.map(Double.init), 1e-5, "mean")
                expectClose(
                    variances,
                    try file(after + "running_var").values.map(Double.init),
                    1e-5,
                    "variance"
                )
            } else {
                normalized = try mixed.batchNormalized(
                    weight,
                    bias,
                    mean: Tensor(mean.values, mean.shape),
                    variance: Tensor(variance.values, variance.shape)
                ).silu()
            }
            return try normalized.convolved(parameters("pointwise_conv2.weight"))
        }
    }

    @Test func gatedFeedForwardAgreesWithPyTorch() throws {
        try checkModule(FixtureReader("mod_swiglu_ffn"), "") { x, parameters in
            let inner = try x.layerNormalized(
                parameters("layer_norm.weight"),
                parameters("layer_norm.bias")
            )
            return try inner.linear(parameters("w1.weight"))
                .siluGated(by: inner.linear(parameters("w2.weight")))
                .linear(parameters("w3.weight"))
        }
    }
}

extension [String: Tensor] {
    /// A parameter, which must be there.
    fileprivate func callAsFunction(_ name: String) throws -> Tensor { try #require(self[name], "\(name)") }
}
