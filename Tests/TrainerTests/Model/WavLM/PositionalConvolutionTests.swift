import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// The kernel of the positional convolution: Salimans and Kingma, "Weight Normalization", 2016, equations 2 and 3.
@Suite struct PositionalConvolutionTests {
    private static let place = "encoder.pos_conv_embed."

    /// The convolution of the golden file in one of its spellings, and its parameters.
    private func convolution(
        _ spelling: (String, String)
    ) throws -> (PositionalConvolution, ParameterBuilder, GoldenFile) {
        let file = try GoldenFile("wavlm_weight_norm")
        var tensors = ["\(Self.place)conv.bias": try Tensor.zeros([32])]
        for name in [spelling.0, spelling.1] {
            let path = "\(Self.place)conv.\(name)"
            tensors[path] = try file.tensor(path)
        }
        let builder = ParameterBuilder.loading(ParameterDictionary(tensors))
        let convolution = try PositionalConvolution(
            builder.scoped("encoder.pos_conv_embed"),
            WavLMTests.tiny(.base)
        )
        try builder.finish()
        return (convolution, builder, file)
    }

    @Test(arguments: [
        ("weight_g", "weight_v"), ("parametrizations.weight.original0", "parametrizations.weight.original1"),
    ])
    func theKernelMatchesInBothSpellings(_ lengths: String, _ directions: String) throws {
        let (convolution, _, file) = try convolution((lengths, directions))
        try file.expectClose(convolution.kernel, "effective_weight", 1e-5)
    }

    /// With `n = ‖v‖` and `s = Σ up·v`, both over a tap: `dg = s / n`, `dv = g/n · (up − s/n² · v)`.
    @Test func itsDerivativeIsThatOfThePaper() throws {
        let (convolution, builder, _) = try convolution(("weight_g", "weight_v"))
        var random = SeededRandom(seed: 11)
        let upstream = (0..<32 * 8 * 16).map { _ in Float.random(in: -1...1, using: &random) }
        try convolution.kernel.backward(upstream: Tensor(upstream, [32, 8, 16]))
        let lengths = try #require(builder.parameters.first { $0.name.hasSuffix("original0") })
        let directions = try #require(builder.parameters.first { $0.name.hasSuffix("original1") })
        let g = try lengths.value.floats().map(Double.init)
        let v = try directions.value.floats().map(Double.init)

        var lengthDerivatives = [Double](repeating: 0, count: 16)
        var directionDerivatives = [Double](repeating: 0, count: v.count)
        for tap in 0..<16 {
            let places = stride(from: tap, to: v.count, by: 16)
            let norm = places.reduce(0) { $0 + v[$1] * v[$1] }.squareRoot()
            let product = places.reduce(0) { $0 + Double(upstream[$1]) * v[$1] }
            lengthDerivatives[tap] = product / norm
            for place in places {
                directionDerivatives[place] =
                    g[tap] / norm * (Double(upstream[place]) - product / (norm * norm) * v[place])
            }
        }
        try expectClose(#require(lengths.gradient), lengthDerivatives)
        try expectClose(#require(directions.gradient), directionDerivatives)
    }

    /// A direction's length does not count: what is derived by it stands upright on it.
    @Test func aLongerDirectionGivesTheSameKernel() throws {
        let (convolution, builder, file) = try convolution(("weight_g", "weight_v"))
        let directions = try #require(builder.parameters.first { $0.name.hasSuffix("original1") })
        directions.value = try directions.value.scaled(by: 3)
        try file.expectClose(convolution.kernel, "effective_weight", 1e-5)
    }

    private func expectClose(_ got: Tensor, _ want: [Double]) throws {
        let values = try got.floats()
        #expect(values.count == want.count)
        let largest = want.map(abs).max() ?? 0
        let error = zip(values, want).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(largest > 0 && error <= 2e-5 * largest, "\(error / largest)")
    }
}
