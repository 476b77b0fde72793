/// Convolutions over time of `[B, T, C]`, and their derivatives.
public protocol ConvolutionKernels {
    /// `result = activation(x ⋆ weight + bias)`, where `before` also gets the value before the activation.
    ///
    /// - Parameters:
    ///   - x: `[B, T, inputs]`.
    ///   - weight: `[outputs, inputs / groups, taps]`.
    ///   - bias: `[outputs]`, or nil.
    ///   - geometry: all sizes.
    ///   - activation: what is done to every number, in the same pass.
    ///   - before: `[B, T′, outputs]`, or nil where the derivative will not be asked for.
    ///   - result: `[B, T′, outputs]`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func convolve(
        _ x: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        activation: Activation,
        before: Tensor?,
        into result: Tensor
    ) throws(TensorError)
    /// The adjoint of the convolution: the derivative for its input, and what a transposed convolution is.
    ///
    /// - Parameters:
    ///   - upstream: `[B, T′, outputs]`.
    ///   - weight: `[outputs, inputs / groups, taps]`.
    ///   - bias: `[inputs]`, added to the result; or nil.
    ///   - geometry: all sizes.
    ///   - result: `[B, T, inputs]`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func convolveAdjoint(
        _ upstream: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError)
    /// The derivative for the weight.
    ///
    /// - Parameters:
    ///   - x: `[B, T, inputs]`.
    ///   - upstream: `[B, T′, outputs]`.
    ///   - geometry: all sizes.
    ///   - result: `[outputs, inputs / groups, taps]`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func convolveWeights(
        _ x: Tensor,
        _ upstream: Tensor,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError)
}

/// The sizes of a convolution over time.
///
/// Frame `t` of output `o` is `Σ x[t·stride + j − paddingBefore, c] · weight[o, c, j]` over taps `j` and the input
/// channels `c` of the group of `o`; frames outside the input are zero. Source: PyTorch, `nn.Conv1d`.
public struct ConvolutionGeometry: Hashable, Sendable {
    /// How many sequences there are.
    public var batchCount: Int
    /// Frames that come in.
    public var inputLength: Int
    /// Channels that come in.
    public var inputChannels: Int
    /// Frames that come out.
    public var outputLength: Int
    /// Channels that come out.
    public var outputChannels: Int
    /// Frames that one output frame sees.
    public var tapCount: Int
    /// Input frames from one output frame to the next.
    public var stride: Int
    /// Frames of zeros before the first.
    public var paddingBefore: Int
    /// Frames of zeros after the last.
    public var paddingAfter: Int
    /// Into how many groups both kinds of channels are divided; a group sees itself alone.
    public var groupCount: Int

    /// Input channels of one group.
    public var groupInputs: Int { inputChannels / groupCount }
    /// Output channels of one group.
    public var groupOutputs: Int { outputChannels / groupCount }
    /// Whether each channel is on its own.
    public var isDepthwise: Bool { groupCount == inputChannels && groupCount == outputChannels }
    /// Frames that come in, zeros included.
    public var paddedLength: Int { paddingBefore + inputLength + paddingAfter }

    /// How many frames come out of so many: none where the kernel is longer than they are.
    static func outputLength(of paddedLength: Int, tapCount: Int, stride: Int) -> Int {
        paddedLength < tapCount ? 0 : (paddedLength - tapCount) / stride + 1
    }
}
