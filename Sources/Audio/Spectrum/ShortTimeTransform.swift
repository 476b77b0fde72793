/// Spectra of the short pieces of a signal, one every few milliseconds.
///
/// The frames, windows and paddings are librosa's, so that its pictures and the networks trained on them agree.
public struct ShortTimeTransform: Equatable, Sendable {
    /// What lies around the signal.
    public enum Padding: Equatable, Sendable {
        /// Nothing: frame `t` begins at sample `t * hopSize`, and none reaches past the end.
        case none
        /// Silence: frame `t` is centred at sample `t * hopSize`. librosa's default from 0.9 on.
        case zeros
        /// The signal mirrored at its first and last sample, which are not repeated; centred too. PyTorch's
        /// default.
        case reflection
    }

    /// Samples per transform, even.
    public let fftSize: Int
    /// Samples from one frame to the next.
    public let hopSize: Int
    /// What lies around the signal.
    public let padding: Padding
    /// The weights of one frame, shape `[fftSize]`; 0 around a window that is shorter.
    public let window: [Float]

    /// Frequencies per frame.
    public var binCount: Int { fftSize / 2 + 1 }

    /// Describes a transform.
    ///
    /// - Parameters:
    ///   - fftSize: samples per transform, even, from 2 to ``RealTransform/largestSize``.
    ///   - hopSize: samples from one frame to the next, at least 1.
    ///   - windowSize: at most `fftSize`, which it is unless given; a shorter one lies in the middle.
    ///   - window: the weights.
    ///   - padding: what lies around the signal.
    public init(
        fftSize: Int,
        hopSize: Int,
        windowSize: Int? = nil,
        window: Window = .hann,
        padding: Padding = .zeros
    ) {
        let windowSize = windowSize ?? fftSize
        precondition(fftSize >= 2 && fftSize % 2 == 0 && fftSize <= RealTransform.largestSize)
        precondition(hopSize >= 1 && windowSize >= 1 && windowSize <= fftSize)
        self.fftSize = fftSize
        self.hopSize = hopSize
        self.padding = padding
        let before = (fftSize - windowSize) / 2
        self.window =
            [Float](repeating: 0, count: before) + window.weights(count: windowSize)
            + [Float](repeating: 0, count: fftSize - windowSize - before)
    }

    /// How many frames a signal has.
    ///
    /// - Parameter sampleCount: its length.
    /// - Returns: `1 + sampleCount / hopSize` with padding, `1 + (sampleCount - fftSize) / hopSize` without;
    ///   0 for a signal that is empty, or too short without padding.
    public func frameCount(sampleCount: Int) -> Int {
        switch padding {
        case .none: sampleCount < fftSize ? 0 : 1 + (sampleCount - fftSize) / hopSize
        case .zeros, .reflection: sampleCount < 1 ? 0 : 1 + sampleCount / hopSize
        }
    }

    /// The spectra themselves.
    ///
    /// - Parameter samples: shape `[samples]`.
    /// - Returns: shape `[frames, 2 * binCount]`: real and imaginary parts in turn.
    public func spectra(_ samples: [Float]) -> FrameMatrix {
        unsafe transform(samples, featureCount: 2 * binCount) { spectrum, target in
            for index in 0..<2 * binCount { unsafe target[index] = spectrum[index] }
        }
    }

    /// The squares of the magnitudes.
    ///
    /// - Parameter samples: shape `[samples]`.
    /// - Returns: shape `[frames, binCount]`.
    public func power(_ samples: [Float]) -> FrameMatrix {
        let binCount = binCount
        return unsafe transform(samples, featureCount: binCount) { spectrum, target in
            for bin in 0..<binCount {
                let real = unsafe spectrum[2 * bin]
                let imaginary = unsafe spectrum[2 * bin + 1]
                unsafe target[bin] = real * real + imaginary * imaginary
            }
        }
    }

    /// The magnitudes.
    ///
    /// - Parameter samples: shape `[samples]`.
    /// - Returns: shape `[frames, binCount]`.
    public func magnitudes(_ samples: [Float]) -> FrameMatrix {
        var matrix = power(samples)
        for index in matrix.values.indices { matrix.values[index] = matrix.values[index].squareRoot() }
        return matrix
    }

    /// Cuts, weights and transforms every frame, and lets `body` write its row.
    private func transform(
        _ samples: [Float],
        featureCount: Int,
        _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) -> FrameMatrix {
        let frameCount = frameCount(sampleCount: samples.count)
        var plan = RealTransform(size: fftSize)
        let values = unsafe [Float](unsafeUninitializedCapacity: frameCount * featureCount) { rows, count in
            count = frameCount * featureCount
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * fftSize + 2) { scratch in
                guard let frame = scratch.baseAddress, let target = rows.baseAddress else { return }
                let spectrum = unsafe frame + fftSize
                for index in 0..<frameCount {
                    unsafe cut(index, from: samples, into: frame)
                    unsafe plan.forward(frame, spectrum)
                    unsafe body(spectrum, target + index * featureCount)
                }
            }
        }
        return FrameMatrix(values: values, frameCount: frameCount, featureCount: featureCount)
    }

    /// Writes the weighted samples of frame `index` to `frame`.
    private func cut(_ index: Int, from samples: [Float], into frame: UnsafeMutablePointer<Float>) {
        let start = index * hopSize - (padding == .none ? 0 : fftSize / 2)
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe window.withUnsafeBufferPointer { window in
                guard start < 0 || start + fftSize > samples.count else {
                    for offset in 0..<fftSize {
                        unsafe frame[offset] = samples[start + offset] * window[offset]
                    }
                    return
                }
                for offset in 0..<fftSize {
                    let place = place(start + offset, count: samples.count)
                    unsafe frame[offset] = place.map { unsafe samples[$0] * window[offset] } ?? 0
                }
            }
        }
    }

    /// Which sample stands at a place that may lie outside the signal; nil for silence.
    private func place(_ index: Int, count: Int) -> Int? {
        if index >= 0, index < count { return index }
        guard padding == .reflection, count > 1 else { return padding == .reflection ? 0 : nil }
        let period = 2 * (count - 1)
        let remainder = ((index % period) + period) % period
        return remainder < count ? remainder : period - remainder
    }
}
