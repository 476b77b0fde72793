import CTensorKernels

/// A run of frames of one sequence that one thread takes: small enough to be read twice from the cache.
private struct FrameBlock: Sendable {
    var sequence: Int
    var frames: Range<Int>

    /// Blocks of all sequences, in order; a border between valid frames and others is a border of blocks.
    static func blocks(_ lengths: [Int], of frameCount: Int, channels: Int, all: Bool) -> [FrameBlock] {
        let size = max(16, 32_768 / max(1, channels))
        var blocks: [FrameBlock] = []
        for (sequence, length) in lengths.enumerated() {
            for span in all ? [0..<length, length..<frameCount] : [0..<length] {
                var start = span.lowerBound
                while start < span.upperBound {
                    let end = min(span.upperBound, start + size)
                    blocks.append(FrameBlock(sequence: sequence, frames: start..<end))
                    start = end
                }
            }
        }
        return blocks
    }
}

extension CPUBackend {
    /// Moments of blocks of frames in single precision, put together in double, in order.
    public func frameStatistics(
        _ x: Tensor,
        _ scope: FrameStatisticsScope,
        epsilon: Float,
        mean: Tensor,
        variance: Tensor?,
        inverse: Tensor
    ) throws(TensorError) {
        let (frames, channels) = (x.shape[1], x.shape[2])
        let blocks = FrameBlock.blocks(scope.lengths, of: frames, channels: channels, all: false)
        let moments = try Tensor.undefined([blocks.count, 2, channels], on: self)
        ThreadPool.run(blocks.count) { index in
            let block = blocks[index]
            let place = unsafe moments.pointer + index * 2 * channels
            unsafe tk_column_moments(
                x.pointer + (block.sequence * frames + block.frames.lowerBound) * channels,
                block.frames.count,
                channels,
                place,
                place + channels
            )
        }
        let groupWidth = channels / scope.groupCount
        for set in 0..<scope.setCount {
            var (means, squares) = (
                [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
            )
            var count = 0
            for (index, block) in blocks.enumerated() where scope.spansBatch || block.sequence == set {
                let place = unsafe moments.pointer + index * 2 * channels
                unsafe tk_merge_moments(
                    &means,
                    &squares,
                    count,
                    place,
                    place + channels,
                    block.frames.count,
                    channels
                )
                count += block.frames.count
            }
            for group in 0..<scope.groupCount {
                let range = group * groupWidth..<(group + 1) * groupWidth
                let center = means[range].reduce(0, +) / Double(max(1, groupWidth))
                let spread = range.reduce(0.0) { sum, channel in
                    let difference = means[channel] - center
                    return sum + squares[channel] + Double(count) * difference * difference
                }
                let value = spread / Double(max(1, count * groupWidth))
                let place = set * scope.groupCount + group
                unsafe mean.pointer[place] = Float(center)
                unsafe variance?.pointer[place] = Float(value)
                unsafe inverse.pointer[place] =
                    count == 0 ? 0 : Float(1 / (value + Double(epsilon)).squareRoot())
            }
        }
    }

    /// Normalises blocks of frames.
    public func normalizeFrames(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        into result: Tensor
    ) throws(TensorError) {
        let (frames, channels) = (state.x.shape[1], state.x.shape[2])
        let (mean, inverse) = try widened(state, scope, channels: channels)
        let scale = try Tensor.undefined([scope.setCount, channels], on: self)
        for index in 0..<scope.setCount * channels {
            unsafe scale.pointer[index] = inverse.pointer[index] * state.weight.pointer[index % channels]
        }
        let whole = [Int](repeating: frames, count: scope.lengths.count)
        let blocks = FrameBlock.blocks(whole, of: frames, channels: channels, all: false)
        ThreadPool.run(blocks.count) { index in
            let block = blocks[index]
            let set = scope.spansBatch ? 0 : block.sequence * channels
            let start = (block.sequence * frames + block.frames.lowerBound) * channels
            unsafe tk_normalize_columns(
                state.x.pointer + start,
                mean.pointer + set,
                scale.pointer + set,
                state.bias.pointer,
                state.activation.rawValue,
                result.pointer + start,
                block.frames.count,
                channels
            )
        }
    }

    /// Two passes: sums over frames, and what follows from them for the input.
    ///
    /// With `h = (x − mean) · inverse` and `g = u · f′ · weight`, over the `N` valid numbers of a group:
    /// `dx = inverse · (g − Σg / N − h · Σgh / N)`; frames that are not valid keep the first term alone, but their
    /// sums count, because their results depend on the statistics, too.
    public func normalizeFramesDerivative(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        upstream: Tensor,
        input: Tensor?,
        weight: Tensor,
        bias: Tensor
    ) throws(TensorError) {
        let (frames, channels) = (state.x.shape[1], state.x.shape[2])
        let (mean, inverse) = try widened(state, scope, channels: channels)
        let blocks = FrameBlock.blocks(scope.lengths, of: frames, channels: channels, all: true)
        // The derivative before the activation; where that is asked for, in the memory of the result.
        let inner: Tensor
        if state.activation == .none {
            inner = upstream
        } else if let input {
            inner = input
        } else {
            inner = try Tensor.undefined(state.x.shape, on: self)
        }
        let sums = try Tensor.undefined([blocks.count, 2, channels], on: self)
        ThreadPool.run(blocks.count) { index in
            let block = blocks[index]
            let set = scope.spansBatch ? 0 : block.sequence * channels
            let start = (block.sequence * frames + block.frames.lowerBound) * channels
            unsafe tk_normalize_columns_sums(
                state.x.pointer + start,
                upstream.pointer + start,
                mean.pointer + set,
                inverse.pointer + set,
                state.weight.pointer,
                state.bias.pointer,
                state.activation.rawValue,
                inner.pointer + start,
                sums.pointer + index * 2 * channels,
                sums.pointer + (index * 2 + 1) * channels,
                block.frames.count,
                channels
            )
        }
        var totals = [[Double]](
            repeating: [Double](repeating: 0, count: 2 * channels),
            count: scope.setCount
        )
        for (index, block) in blocks.enumerated() {
            let set = scope.spansBatch ? 0 : block.sequence
            unsafe tk_add_to_double(sums.pointer + index * 2 * channels, &totals[set], 2 * channels)
        }
        for channel in 0..<channels {
            unsafe bias.pointer[channel] = Float(totals.reduce(0) { $0 + $1[channel] })
            unsafe weight.pointer[channel] = Float(totals.reduce(0) { $0 + $1[channels + channel] })
        }
        guard let input else { return }
        let slopes = try slopes(state, scope, totals: totals, inverse: inverse)
        ThreadPool.run(blocks.count) { index in
            let block = blocks[index]
            let set = scope.spansBatch ? 0 : block.sequence
            let start = (block.sequence * frames + block.frames.lowerBound) * channels
            let isValid = block.frames.lowerBound < scope.lengths[block.sequence]
            let corrections = isValid && !scope.isGiven ? 1 + 3 * set : 1 + 3 * scope.setCount
            unsafe tk_normalize_columns_backward(
                state.x.pointer + start,
                inner.pointer + start,
                mean.pointer + set * channels,
                slopes.pointer + 3 * set * channels,
                slopes.pointer + corrections * channels,
                slopes.pointer + (corrections + 1) * channels,
                input.pointer + start,
                block.frames.count,
                channels
            )
        }
    }

    /// Three rows for each set, that of `u`, the constant, and that of `x − mean`; then three of zeros.
    private func slopes(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        totals: [[Double]],
        inverse: Tensor
    ) throws(TensorError) -> Tensor {
        let channels = state.x.shape[2]
        let width = channels / scope.groupCount
        let slopes = try Tensor.zeros([scope.setCount + 1, 3, channels], on: self)
        for set in 0..<scope.setCount {
            let frames = scope.spansBatch ? scope.lengths.reduce(0, +) : scope.lengths[set]
            for group in 0..<scope.groupCount {
                var (sum, product) = (0.0, 0.0)
                for channel in group * width..<(group + 1) * width {
                    let weight = unsafe Double(state.weight.pointer[channel])
                    sum += weight * totals[set][channel]
                    product += weight * totals[set][channels + channel]
                }
                let count = Double(max(1, frames * width))
                for channel in group * width..<(group + 1) * width {
                    let factor = unsafe Double(inverse.pointer[set * channels + channel])
                    let place = unsafe slopes.pointer + 3 * set * channels + channel
                    unsafe place[0] = Float(factor * Double(state.weight.pointer[channel]))
                    unsafe place[channels] = Float(factor * sum / count)
                    unsafe place[2 * channels] = Float(factor * factor * product / count)
                }
            }
        }
        return slopes
    }

    /// The statistics of groups as those of their channels: `[sets, C]`.
    private func widened(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        channels: Int
    ) throws(TensorError) -> (mean: Tensor, inverse: Tensor) {
        guard scope.groupCount != channels else { return (state.mean, state.inverse) }
        let width = channels / scope.groupCount
        let mean = try Tensor.undefined([scope.setCount, channels], on: self)
        let inverse = try Tensor.undefined([scope.setCount, channels], on: self)
        for index in 0..<scope.setCount * channels {
            unsafe mean.pointer[index] = state.mean.pointer[index / width]
            unsafe inverse.pointer[index] = state.inverse.pointer[index / width]
        }
        return (mean, inverse)
    }
}
