extension Tensor {
    /// A convolution over time.
    ///
    /// Source: PyTorch, `nn.Conv1d`; but channels come last, and the padding may differ at the two ends.
    ///
    /// - Parameters:
    ///   - weight: `[outputs, inputs / groups, taps]`.
    ///   - bias: `[outputs]`, or nil.
    ///   - stride: input frames from one output frame to the next.
    ///   - padding: frames of zeros before the first and after the last.
    ///   - groupCount: into how many groups the channels are divided; a group sees itself alone.
    ///   - activation: what is done to every number of the result, in the same pass.
    /// - Returns: `[B, T′, outputs]`, where this is `[B, T, inputs]`; no frames where the kernel is longer than the
    ///   padded input.
    /// - Throws: ``TensorError`` where the shapes do not go together.
    public func convolved(
        _ weight: Tensor,
        bias: Tensor? = nil,
        stride: Int = 1,
        padding: (before: Int, after: Int) = (0, 0),
        groupCount: Int = 1,
        activation: Activation = .none
    ) throws(TensorError) -> Tensor {
        try requireFloat("convolution")
        try weight.requireFloat("convolution")
        guard stride > 0, padding.before >= 0, padding.after >= 0, groupCount > 0 else {
            let reason = "the stride is \(stride), the padding \(padding), the groups are \(groupCount)"
            throw .invalidArgument(operation: "convolution", reason: reason)
        }
        guard rank == 3, weight.rank == 3, shape[2] == weight.shape[1] * groupCount,
            weight.shape[0].isMultiple(of: groupCount), weight.shape[2] > 0
        else { throw .shapeMismatch(operation: "convolution", left: shape, right: weight.shape) }
        if let bias, bias.shape != [weight.shape[0]] {
            throw .shapeMismatch(operation: "convolution bias", left: weight.shape, right: bias.shape)
        }
        var geometry = ConvolutionGeometry(
            batchCount: shape[0],
            inputLength: shape[1],
            inputChannels: shape[2],
            outputLength: 0,
            outputChannels: weight.shape[0],
            tapCount: weight.shape[2],
            stride: stride,
            paddingBefore: padding.before,
            paddingAfter: padding.after,
            groupCount: groupCount
        )
        geometry.outputLength = ConvolutionGeometry.outputLength(
            of: geometry.paddedLength,
            tapCount: geometry.tapCount,
            stride: stride
        )
        let (x, kernel) = (try contiguous(), try weight.contiguous())
        let target: Shape = [shape[0], geometry.outputLength, geometry.outputChannels]
        let result = try Tensor.undefined(target, on: backend)
        let inputs = [x, kernel] + (bias.map { [$0] } ?? [])
        let isTracked = GradientMode.isRecording && inputs.contains { $0.node != nil }
        let before = isTracked && activation != .none ? try Tensor.undefined(target, on: backend) : nil
        try backend.convolve(
            x.detached,
            kernel.detached,
            bias: try bias?.detached.contiguous(),
            geometry,
            activation: activation,
            before: before,
            into: result
        )
        return result.recording(inputs) {
            ConvolutionOperation(
                x: x.detached,
                weight: kernel.detached,
                before: before,
                activation: activation,
                geometry: geometry,
                inputIsTracked: x.node != nil,
                weightIsTracked: kernel.node != nil,
                bias: bias.map { $0.node != nil }
            )
        }
    }

    /// The adjoint of a convolution: every frame spreads over as many as the kernel is long, `stride` apart.
    ///
    /// Source: PyTorch, `nn.ConvTranspose1d`; but channels come last.
    ///
    /// - Parameters:
    ///   - weight: `[inputs, outputs, taps]`.
    ///   - bias: `[outputs]`, or nil.
    ///   - stride: output frames from one input frame to the next.
    ///   - padding: frames that are cut off at both ends.
    ///   - outputPadding: frames that are added after the last, less than the stride.
    /// - Returns: `[B, (T − 1)·stride − 2·padding + taps + outputPadding, outputs]`, where this is `[B, T, inputs]`;
    ///   no frames where there are none here.
    /// - Throws: ``TensorError`` where the shapes do not go together.
    public func transposeConvolved(
        _ weight: Tensor,
        bias: Tensor? = nil,
        stride: Int,
        padding: Int,
        outputPadding: Int
    ) throws(TensorError) -> Tensor {
        let name = "transposed convolution"
        try requireFloat(name)
        try weight.requireFloat(name)
        guard stride > 0, padding >= 0, (0..<stride).contains(outputPadding) else {
            let reason =
                "the stride is \(stride), the padding \(padding), the output padding \(outputPadding)"
            throw .invalidArgument(operation: name, reason: reason)
        }
        guard rank == 3, weight.rank == 3, shape[2] == weight.shape[0], weight.shape[2] > 0 else {
            throw .shapeMismatch(operation: name, left: shape, right: weight.shape)
        }
        if let bias, bias.shape != [weight.shape[1]] {
            throw .shapeMismatch(operation: "\(name) bias", left: weight.shape, right: bias.shape)
        }
        let spread = (shape[1] - 1) * stride - 2 * padding + weight.shape[2] + outputPadding
        // Seen from the convolution that this is the adjoint of: what comes out here goes in there.
        let geometry = ConvolutionGeometry(
            batchCount: shape[0],
            inputLength: shape[1] == 0 ? 0 : max(0, spread),
            inputChannels: weight.shape[1],
            outputLength: shape[1],
            outputChannels: shape[2],
            tapCount: weight.shape[2],
            stride: stride,
            paddingBefore: padding,
            paddingAfter: padding,
            groupCount: 1
        )
        let (x, kernel) = (try contiguous(), try weight.contiguous())
        let target: Shape = [shape[0], geometry.inputLength, geometry.inputChannels]
        let result = try Tensor.undefined(target, on: backend)
        try backend.convolveAdjoint(
            x.detached,
            kernel.detached,
            bias: try bias?.detached.contiguous(),
            geometry,
            into: result
        )
        return result.recording([x, kernel] + (bias.map { [$0] } ?? [])) {
            TransposeConvolutionOperation(
                x: x.detached,
                weight: kernel.detached,
                geometry: geometry,
                inputIsTracked: x.node != nil,
                weightIsTracked: kernel.node != nil,
                bias: bias.map { $0.node != nil }
            )
        }
    }
}

/// `y = f(x ⋆ w + b)`, with `z` before `f`: `dz = dy·f′(z)`; `dx` is the adjoint of the convolution applied to `dz`,
/// `dw` the correlation of `x` with `dz`, `db = Σ dz`.
struct ConvolutionOperation: Operation {
    static let name = "convolution"
    let x: Tensor
    let weight: Tensor
    /// Before the activation; nil where there is none.
    let before: Tensor?
    let activation: Activation
    let geometry: ConvolutionGeometry
    let inputIsTracked: Bool
    let weightIsTracked: Bool
    /// Whether there is a bias, and whether it is tracked.
    let bias: Bool?

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let backend = x.backend
        let inner = try activation.derivative(before: before, upstream)
        var contributions: [Contribution?] = [nil, nil]
        if inputIsTracked {
            let derivative = try Tensor.undefined(x.shape, on: backend)
            try backend.convolveAdjoint(inner, weight, bias: nil, geometry, into: derivative)
            contributions[0] = .fresh(derivative)
        }
        if weightIsTracked {
            let derivative = try Tensor.undefined(weight.shape, on: backend)
            try backend.convolveWeights(x, inner, geometry, into: derivative)
            contributions[1] = .fresh(derivative)
        }
        if let bias { contributions.append(bias ? .fresh(try inner.summedRows()) : nil) }
        return contributions
    }
}

/// The adjoint of the adjoint is the convolution itself.
struct TransposeConvolutionOperation: Operation {
    static let name = "transposed convolution"
    let x: Tensor
    let weight: Tensor
    let geometry: ConvolutionGeometry
    let inputIsTracked: Bool
    let weightIsTracked: Bool
    /// Whether there is a bias, and whether it is tracked.
    let bias: Bool?

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let backend = x.backend
        var contributions: [Contribution?] = [nil, nil]
        if inputIsTracked {
            let derivative = try Tensor.undefined(x.shape, on: backend)
            try backend.convolve(
                upstream,
                weight,
                bias: nil,
                geometry,
                activation: .none,
                before: nil,
                into: derivative
            )
            contributions[0] = .fresh(derivative)
        }
        if weightIsTracked {
            let derivative = try Tensor.undefined(weight.shape, on: backend)
            try backend.convolveWeights(upstream, x, geometry, into: derivative)
            contributions[1] = .fresh(derivative)
        }
        if let bias { contributions.append(bias ? .fresh(try upstream.summedRows()) : nil) }
        return contributions
    }
}
