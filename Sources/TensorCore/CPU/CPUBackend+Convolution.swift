import CTensorKernels

/// Frames of one sequence and group that one thread computes.
private struct ConvolutionPart: Sendable {
    var sequence: Int
    var group: Int
    var frames: Range<Int>

    /// Enough parts for all threads, of many rows each: BLAS packs the weights anew for every one.
    ///
    /// At most so many rows that what follows the product still finds them in the cache.
    static func parts(_ geometry: ConvolutionGeometry, frames count: Int) -> [ConvolutionPart] {
        let threads = ThreadPool.threadCount
        let blocks = max(1, geometry.batchCount * geometry.groupCount)
        let least = blocks.isMultiple(of: threads) || blocks > 4 * threads ? 1 : min(threads, count / 64)
        let wanted = min((4 * threads + blocks - 1) / blocks, count / 512)
        let pieces = max(1, least, wanted, (count + 2047) / 2048)
        var parts: [ConvolutionPart] = []
        for sequence in 0..<geometry.batchCount {
            for group in 0..<geometry.groupCount {
                for piece in 0..<pieces {
                    let frames = count * piece / pieces..<count * (piece + 1) / pieces
                    parts.append(ConvolutionPart(sequence: sequence, group: group, frames: frames))
                }
            }
        }
        return parts
    }
}

extension CPUBackend {
    /// One product for each part: its left factor is the input itself, seen as overlapping windows.
    public func convolve(
        _ x: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        activation: Activation,
        before: Tensor?,
        into result: Tensor
    ) throws(TensorError) {
        try MatrixLibrary.require()
        guard result.elementCount > 0 else { return }
        let windows = try Self.windows(x, geometry)
        let output = before ?? result
        if geometry.isDepthwise {
            return try convolveDepthwise(windows, weight, bias, geometry, activation, output, result)
        }
        let taps = try packedTaps(weight, geometry)
        let (outputs, channels) = (geometry.groupOutputs, geometry.outputChannels)
        let depth = geometry.tapCount * geometry.groupInputs
        let parts = ConvolutionPart.parts(geometry, frames: geometry.outputLength)
        ThreadPool.run(parts.count) { index in
            let part = parts[index]
            let product = WindowProduct(
                rowCount: part.frames.count,
                columnCount: outputs,
                depth: depth,
                rowStep: geometry.stride * windows.frameStep,
                depthStep: 1,
                rightStep: outputs,
                resultStep: channels
            )
            let column = part.group * outputs
            let place =
                (part.sequence * geometry.outputLength + part.frames.lowerBound) * channels + column
            let start = part.frames.lowerBound * geometry.stride * windows.frameStep
            unsafe product.run(
                windows.pointer(part.sequence, part.group) + start,
                taps.pointer + part.group * depth * outputs,
                into: output.pointer + place
            )
            unsafe tk_finish(
                output.pointer + place,
                result.pointer + place,
                channels,
                part.frames.count,
                outputs,
                bias.map { unsafe $0.pointer + column },
                activation.rawValue
            )
        }
    }

    /// The adjoint without a matrix of columns: inputs whose positions leave the same remainder by the stride see the
    /// same taps, so each such phase is a convolution with stride 1 over the derivative, and rows of its result lie
    /// `stride` frames apart.
    public func convolveAdjoint(
        _ upstream: Tensor,
        _ weight: Tensor,
        bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError) {
        try MatrixLibrary.require()
        guard result.elementCount > 0 else { return }
        if geometry.isDepthwise {
            return try convolveDepthwiseAdjoint(upstream, weight, bias: bias, geometry, into: result)
        }
        let (stride, taps) = (geometry.stride, geometry.tapCount)
        let (inputs, outputs) = (geometry.groupInputs, geometry.groupOutputs)
        /// How many taps meet inputs of a phase.
        @Sendable func tapCount(_ phase: Int) -> Int {
            phase < taps ? (taps - phase + stride - 1) / stride : 0
        }
        let most = tapCount(0)
        let last = (geometry.inputLength - 1 + geometry.paddingBefore) / stride
        let windows = try FrameWindows(
            upstream,
            before: most - 1,
            length: most + last,
            groupCount: geometry.groupCount
        )
        let packed = try packedPhases(weight, geometry)
        let channels = geometry.inputChannels
        for phase in 0..<stride {
            let count = tapCount(phase)
            // Padded position q·stride + phase is input frame q·stride + phase − padding.
            let first = (geometry.paddingBefore - phase + stride - 1) / stride
            let end = (geometry.inputLength + geometry.paddingBefore - phase + stride - 1) / stride
            guard end > first else { continue }
            let parts = ConvolutionPart.parts(geometry, frames: end - first)
            let start = (0..<phase).reduce(0) { $0 + tapCount($1) } * outputs * inputs
            ThreadPool.run(parts.count) { index in
                let part = parts[index]
                let product = WindowProduct(
                    rowCount: part.frames.count,
                    columnCount: inputs,
                    depth: count * outputs,
                    rowStep: windows.frameStep,
                    depthStep: 1,
                    rightStep: inputs,
                    resultStep: stride * channels
                )
                let row = first + part.frames.lowerBound
                let frame = row * stride + phase - geometry.paddingBefore
                let column = part.group * inputs
                let place = (part.sequence * geometry.inputLength + frame) * channels + column
                unsafe product.run(
                    windows.pointer(part.sequence, part.group) + (row + most - count) * windows.frameStep,
                    packed.pointer + part.group * taps * outputs * inputs + start,
                    into: result.pointer + place
                )
                guard let bias else { return }
                unsafe tk_finish(
                    result.pointer + place,
                    result.pointer + place,
                    stride * channels,
                    part.frames.count,
                    inputs,
                    bias.pointer + column,
                    Activation.none.rawValue
                )
            }
        }
    }

    /// A product of the windows, turned over, with the derivative; sequences are added in order.
    public func convolveWeights(
        _ x: Tensor,
        _ upstream: Tensor,
        _ geometry: ConvolutionGeometry,
        into result: Tensor
    ) throws(TensorError) {
        try MatrixLibrary.require()
        guard geometry.outputLength > 0, geometry.batchCount > 0 else { return try fill(result, 0) }
        let windows = try Self.windows(x, geometry)
        if geometry.isDepthwise {
            return try convolveDepthwiseWeights(windows, upstream, geometry, into: result)
        }
        let (inputs, outputs, taps) = (geometry.groupInputs, geometry.groupOutputs, geometry.tapCount)
        let rows = taps * inputs
        let product = try Tensor.undefined([geometry.groupCount, rows, outputs], on: self)
        // Rows or columns are split, never the sum.
        let splitsRows = rows >= outputs
        let length = splitsRows ? rows : outputs
        let wanted = (ThreadPool.threadCount * 2 + geometry.groupCount - 1) / geometry.groupCount
        let pieces = max(1, min(wanted, length / 64))
        ThreadPool.run(geometry.groupCount * pieces) { index in
            let (group, piece) = (index / pieces, index % pieces)
            let range = length * piece / pieces..<length * (piece + 1) / pieces
            let (row, column) = splitsRows ? (range.lowerBound, 0) : (0, range.lowerBound)
            for sequence in 0..<geometry.batchCount {
                let part = WindowProduct(
                    rowCount: splitsRows ? range.count : rows,
                    columnCount: splitsRows ? outputs : range.count,
                    depth: geometry.outputLength,
                    rowStep: 1,
                    depthStep: geometry.stride * windows.frameStep,
                    rightStep: geometry.outputChannels,
                    resultStep: outputs,
                    keeps: sequence > 0
                )
                let above = sequence * geometry.outputLength * geometry.outputChannels + group * outputs
                unsafe part.run(
                    windows.pointer(sequence, group) + row,
                    upstream.pointer + above + column,
                    into: product.pointer + (group * rows + row) * outputs + column
                )
            }
        }
        ThreadPool.ranges(geometry.groupCount * inputs, grain: Self.grain / 4 / (outputs * taps)) {
            channels in
            for index in channels {
                let (group, channel) = (index / inputs, index % inputs)
                unsafe tk_transpose(
                    product.pointer + group * rows * outputs + channel * outputs,
                    inputs * outputs,
                    result.pointer + (group * outputs * inputs + channel) * taps,
                    inputs * taps,
                    taps,
                    outputs
                )
            }
        }
    }

    private static func windows(
        _ x: Tensor,
        _ geometry: ConvolutionGeometry
    ) throws(TensorError) -> FrameWindows {
        try FrameWindows(
            x,
            before: geometry.paddingBefore,
            length: (geometry.outputLength - 1) * geometry.stride + geometry.tapCount,
            groupCount: geometry.isDepthwise ? 1 : geometry.groupCount
        )
    }

    /// `[groups, taps · inputs, outputs]`: a window's numbers in the order in which they lie.
    private func packedTaps(
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) throws(TensorError) -> Tensor {
        let (inputs, outputs, taps) = (geometry.groupInputs, geometry.groupOutputs, geometry.tapCount)
        let packed = try Tensor.undefined([geometry.groupCount, taps * inputs, outputs], on: self)
        let grain = Self.grain / 4 / max(1, outputs * taps)
        ThreadPool.ranges(geometry.groupCount * inputs, grain: grain) { channels in
            for index in channels {
                let (group, channel) = (index / inputs, index % inputs)
                unsafe tk_transpose(
                    weight.pointer + (group * outputs * inputs + channel) * taps,
                    inputs * taps,
                    packed.pointer + group * taps * inputs * outputs + channel * outputs,
                    inputs * outputs,
                    outputs,
                    taps
                )
            }
        }
        return packed
    }

    /// `[groups, taps · outputs, inputs]`, phase after phase, within each the last tap first.
    private func packedPhases(
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) throws(TensorError) -> Tensor {
        let (inputs, outputs, taps) = (geometry.groupInputs, geometry.groupOutputs, geometry.tapCount)
        let packed = try Tensor.undefined([geometry.groupCount, taps * outputs, inputs], on: self)
        let grain = max(1, Self.grain / 4 / max(1, inputs * taps))
        ThreadPool.ranges(geometry.groupCount * outputs, grain: grain) { rows in
            for row in rows {
                let (group, output) = (row / outputs, row % outputs)
                let base = group * taps * outputs * inputs
                var start = base
                for phase in 0..<min(geometry.stride, taps) {
                    let count = (taps - phase + geometry.stride - 1) / geometry.stride
                    unsafe tk_pack_phase(
                        weight.pointer + base,
                        packed.pointer + start,
                        output,
                        output + 1,
                        outputs,
                        inputs,
                        taps,
                        phase,
                        geometry.stride,
                        count
                    )
                    start += count * outputs * inputs
                }
            }
        }
        return packed
    }
}
