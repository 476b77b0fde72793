import CTensorKernels

extension CPUBackend {
    /// Every channel on its own: vectors run along the channels.
    func convolveDepthwise(
        _ windows: FrameWindows,
        _ weight: Tensor,
        _ bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        _ activation: Activation,
        _ output: Tensor,
        _ result: Tensor
    ) throws(TensorError) {
        let taps = try turnedTaps(weight, geometry, isReversed: false)
        Self.runDepthwise(geometry.batchCount, frames: geometry.outputLength) { sequence, frames in
            let channels = geometry.outputChannels
            let place = (sequence * geometry.outputLength + frames.lowerBound) * channels
            unsafe tk_depthwise(
                windows.pointer(sequence) + frames.lowerBound * geometry.stride * channels,
                taps.pointer,
                output.pointer + place,
                frames.count,
                channels,
                geometry.tapCount,
                geometry.stride
            )
            unsafe tk_finish(
                output.pointer + place,
                result.pointer + place,
                channels,
                frames.count,
                channels,
                bias?.pointer,
                activation.rawValue
            )
        }
    }

    /// With the stride 1, a convolution with the taps in reverse; else every derivative is spread over its window.
    func convolveDepthwiseAdjoint(
        _ upstream: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError) {
        guard geometry.stride == 1 else {
            return try spreadDepthwise(upstream, weight, bias: bias, geometry, into: result)
        }
        let taps = try turnedTaps(weight, geometry, isReversed: true)
        let windows = try FrameWindows(
            upstream,
            before: geometry.tapCount - 1 - geometry.paddingBefore,
            length: geometry.inputLength + geometry.tapCount - 1,
            groupCount: 1
        )
        Self.runDepthwise(geometry.batchCount, frames: geometry.inputLength) { sequence, frames in
            let channels = geometry.inputChannels
            let place = (sequence * geometry.inputLength + frames.lowerBound) * channels
            unsafe tk_depthwise(
                windows.pointer(sequence) + frames.lowerBound * channels,
                taps.pointer,
                result.pointer + place,
                frames.count,
                channels,
                geometry.tapCount,
                1
            )
            guard let bias else { return }
            unsafe tk_finish(
                result.pointer + place,
                result.pointer + place,
                channels,
                frames.count,
                channels,
                bias.pointer,
                Activation.none.rawValue
            )
        }
    }

    /// The derivative for the weight; channels are split, never the sum.
    func convolveDepthwiseWeights(
        _ windows: FrameWindows,
        _ upstream: Tensor,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError) {
        let (channels, taps) = (geometry.outputChannels, geometry.tapCount)
        let sums = try Tensor.zeros([taps, channels], on: self)
        let blocks = (channels + 63) / 64
        ThreadPool.run(blocks) { block in
            let start = block * 64
            for sequence in 0..<geometry.batchCount {
                unsafe tk_depthwise_weights(
                    windows.pointer(sequence) + start,
                    upstream.pointer + sequence * geometry.outputLength * channels + start,
                    sums.pointer + start,
                    geometry.outputLength,
                    channels,
                    min(64, channels - start),
                    taps,
                    geometry.stride
                )
            }
        }
        unsafe tk_transpose(sums.pointer, channels, result.pointer, taps, taps, channels)
    }

    /// Calls a body for some frames of a sequence at a time.
    private static func runDepthwise(
        _ batchCount: Int,
        frames count: Int,
        _ body: @Sendable (_ sequence: Int, _ frames: Range<Int>) -> Void
    ) {
        let pieces = (count + 47) / 48
        ThreadPool.run(batchCount * pieces) { index in
            let (sequence, piece) = (index / pieces, index % pieces)
            body(sequence, piece * 48..<min(count, piece * 48 + 48))
        }
    }

    private func spreadDepthwise(
        _ upstream: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError) {
        let (channels, taps) = (geometry.inputChannels, geometry.tapCount)
        let turned = try turnedTaps(weight, geometry, isReversed: false)
        let reach = max(0, (geometry.outputLength - 1) * geometry.stride + taps)
        let length = max(reach, geometry.paddingBefore + geometry.inputLength)
        let padded = try Tensor.zeros([geometry.batchCount, length, channels], on: self)
        ThreadPool.run(geometry.batchCount) { sequence in
            let start = sequence * geometry.outputLength * channels
            let target = unsafe padded.pointer + sequence * length * channels
            unsafe tk_depthwise_scatter(
                upstream.pointer + start,
                turned.pointer,
                target,
                geometry.outputLength,
                channels,
                channels,
                taps,
                geometry.stride
            )
            let place = unsafe result.pointer + sequence * geometry.inputLength * channels
            let count = geometry.inputLength * channels
            unsafe place.update(from: target + geometry.paddingBefore * channels, count: count)
            unsafe tk_finish(
                place,
                place,
                channels,
                geometry.inputLength,
                channels,
                bias?.pointer,
                Activation.none.rawValue
            )
        }
    }

    /// `[taps, C]`.
    private func turnedTaps(
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry,
        isReversed: Bool
    ) throws(TensorError) -> Tensor {
        let (channels, taps) = (geometry.outputChannels, geometry.tapCount)
        let turned = try Tensor.undefined([taps, channels], on: self)
        // The last tap first, row by row downwards.
        let first = isReversed ? (taps - 1) * channels : 0
        unsafe tk_transpose(
            weight.pointer,
            taps,
            turned.pointer + first,
            isReversed ? -channels : channels,
            channels,
            taps
        )
        return turned
    }
}
