import CTensorKernels

/// Frames of `[B, T, C]` laid so that every window of them is contiguous: in place where they are so already, else a
/// copy `[B, groups, length, C / groups]` with zeros around it.
///
/// A convolution is then a product with a matrix whose rows overlap; its columns are never written out.
struct FrameWindows: Sendable {
    private let tensor: Tensor
    private let start: Int
    private let batchStep: Int
    private let groupStep: Int
    /// From one frame to the next, in elements: the channels of a group.
    let frameStep: Int

    /// - Parameters:
    ///   - x: `[B, T, C]`, contiguous.
    ///   - before: frames of zeros before the first; a negative number drops frames.
    ///   - length: frames afterwards; zeros follow the last, or the rest is dropped.
    ///   - groupCount: into how many groups the channels are divided.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    init(_ x: Tensor, before: Int, length: Int, groupCount: Int) throws(TensorError) {
        let (batch, frames, channels) = (x.shape[0], x.shape[1], x.shape[2])
        let width = channels / groupCount
        frameStep = width
        if groupCount == 1, before <= 0, length - before <= frames {
            (tensor, start, batchStep, groupStep) = (x, -before * channels, frames * channels, 0)
            return
        }
        let copy = try Tensor.undefined([batch, groupCount, length, width], on: x.backend)
        (tensor, start, batchStep, groupStep) = (copy, 0, groupCount * length * width, length * width)
        ThreadPool.ranges(
            batch * groupCount * length,
            grain: max(1, CPUBackend.grain / max(1, width))
        ) { rows in
            var row = rows.lowerBound
            while row < rows.upperBound {
                let block = row / length
                let first = row - block * length
                let end = min(rows.upperBound - block * length, length)
                let (sequence, group) = (block / groupCount, block % groupCount)
                Self.copy(
                    x,
                    at: sequence * frames * channels + group * width,
                    frames: max(first, min(end, before))..<max(first, min(end, frames + before)),
                    before,
                    of: first..<end,
                    to: copy,
                    at: block * length * width,
                    width
                )
                row = block * length + end
            }
        }
    }

    private static func copy(
        _ x: Tensor,
        at source: Int,
        frames: Range<Int>,
        _ before: Int,
        of all: Range<Int>,
        to copy: Tensor,
        at target: Int,
        _ width: Int
    ) {
        let channels = x.shape[2]
        let from = unsafe x.pointer + source - before * channels
        let to = unsafe copy.pointer + target
        unsafe (to + all.lowerBound * width).update(
            repeating: 0,
            count: (frames.lowerBound - all.lowerBound) * width
        )
        if width == channels {
            let count = frames.count * width
            unsafe (to + frames.lowerBound * width).update(
                from: from + frames.lowerBound * width,
                count: count
            )
        } else {
            for frame in frames {
                unsafe (to + frame * width).update(from: from + frame * channels, count: width)
            }
        }
        unsafe (to + frames.upperBound * width).update(
            repeating: 0,
            count: (all.upperBound - frames.upperBound) * width
        )
    }

    /// The first frame of a sequence and group.
    func pointer(_ sequence: Int, _ group: Int = 0) -> UnsafeMutablePointer<Float> {
        unsafe tensor.pointer + start + sequence * batchStep + group * groupStep
    }
}
