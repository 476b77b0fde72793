import TensorCore

/// What a frame learns of where it is: a wide convolution whose taps have lengths of their own.
///
/// Source: Salimans and Kingma, "Weight Normalization", 2016, over the taps.
struct PositionalConvolution: Sendable {
    private let lengths: Parameter
    private let directions: Parameter
    private let bias: Parameter
    private let groupCount: Int
    private let padding: (before: Int, after: Int)

    init(_ builder: ParameterBuilder, _ configuration: WavLMConfiguration) throws(TensorError) {
        let (width, size) = (configuration.width, configuration.positionKernelSize)
        groupCount = configuration.positionGroupCount
        // An even kernel would give one frame more; the last is left out.
        padding = (size / 2, size / 2 - (size.isMultiple(of: 2) ? 1 : 0))
        let place = builder.scoped("conv")
        bias = try place.parameter("bias", [width], .zeros)
        // Published files have the older names.
        lengths = try place.parameter(
            "parametrizations.weight.original0",
            [1, 1, size],
            .ones,
            otherNames: ["weight_g"]
        )
        directions = try place.parameter(
            "parametrizations.weight.original1",
            [width, width / groupCount, size],
            .fanInUniform,
            otherNames: ["weight_v"]
        )
    }

    /// The kernel: every tap of its own length in its own direction.
    var kernel: Tensor {
        get throws(TensorError) {
            let direction = directions.tensor
            let norm = try direction.multiplying(direction).sum(axis: 0, keepingAxis: true)
                .sum(axis: 1, keepingAxis: true).applying(.squareRoot)
            return try direction.multiplying(lengths.tensor.divided(by: norm))
        }
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.convolved(
            kernel,
            bias: bias.tensor,
            padding: padding,
            groupCount: groupCount,
            activation: .gelu
        )
    }
}
