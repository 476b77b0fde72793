/// Triangles over the bins of a spectrum, equally wide in mel, each from its left neighbour's middle to its right
/// neighbour's: `librosa.filters.mel`.
public struct MelFilterBank: Equatable, Sendable {
    /// How high the triangles are.
    public enum Normalization: Equatable, Sendable {
        /// 1 at the middle.
        case peak
        /// 2 divided by the width in hertz, so that all have the same area. librosa's default.
        case area
    }

    /// One triangle, without the zeros around it.
    private struct Filter: Equatable {
        var firstBin: Int
        var weights: [Float]
    }

    /// How many bands come out.
    public var bandCount: Int { filters.count }
    /// How many bins go in.
    public let binCount: Int
    private let filters: [Filter]

    /// Computes the triangles.
    ///
    /// - Parameters:
    ///   - sampleRateHz: of the signal, at least 1.
    ///   - fftSize: of the transform, even.
    ///   - bandCount: how many, at least 1.
    ///   - frequenciesHz: from the start of the first triangle to the end of the last; up to half the sample rate
    ///     unless given.
    ///   - scale: what equal width means.
    ///   - normalization: how high they are.
    public init(
        sampleRateHz: Int,
        fftSize: Int,
        bandCount: Int,
        frequenciesHz: ClosedRange<Double>? = nil,
        scale: MelScale = .slaney,
        normalization: Normalization = .area
    ) {
        precondition(sampleRateHz > 0 && fftSize >= 2 && bandCount >= 1)
        let range = frequenciesHz ?? 0...Double(sampleRateHz) / 2
        precondition(range.lowerBound >= 0, "frequencies are not negative")
        let binCount = fftSize / 2 + 1
        let lowest = scale.mel(hertz: range.lowerBound)
        let step = (scale.mel(hertz: range.upperBound) - lowest) / Double(bandCount + 1)
        let edges = (0..<bandCount + 2).map { scale.hertz(mel: lowest + step * Double($0)) }
        let hertzPerBin = Double(sampleRateHz) / Double(fftSize)
        self.binCount = binCount
        filters = (0..<bandCount).map { band in
            let (left, middle, right) = (edges[band], edges[band + 1], edges[band + 2])
            let height = normalization == .area ? 2 / (right - left) : 1
            let all = (0..<binCount).map { bin in
                let hertz = Double(bin) * hertzPerBin
                let rising = (hertz - left) / (middle - left)
                let falling = (right - hertz) / (right - middle)
                return Float(max(0, min(rising, falling)) * height)
            }
            // A band narrower than a bin can miss all of them.
            guard let first = all.firstIndex(where: { $0 > 0 }), let last = all.lastIndex(where: { $0 > 0 })
            else { return Filter(firstBin: 0, weights: []) }
            return Filter(firstBin: first, weights: Array(all[first...last]))
        }
    }

    /// The weights as a table, shape `[bandCount, binCount]`, for pictures and comparisons.
    public var weights: [Float] {
        var table = [Float](repeating: 0, count: bandCount * binCount)
        for (band, filter) in filters.enumerated() {
            for (offset, weight) in filter.weights.enumerated() {
                table[band * binCount + filter.firstBin + offset] = weight
            }
        }
        return table
    }

    /// Sums each frame's bins into bands.
    ///
    /// - Parameter spectrogram: powers or magnitudes, shape `[frames, binCount]`.
    /// - Returns: shape `[frames, bandCount]`.
    public func bands(of spectrogram: FrameMatrix) -> FrameMatrix {
        precondition(spectrogram.featureCount == binCount, "the filters are for \(binCount) bins")
        var values: [Float] = []
        values.reserveCapacity(spectrogram.frameCount * bandCount)
        unsafe spectrogram.values.withUnsafeBufferPointer { bins in
            for frame in 0..<spectrogram.frameCount {
                for filter in filters {
                    let start = frame * binCount + filter.firstBin
                    var sum: Float = 0
                    for (offset, weight) in filter.weights.enumerated() {
                        sum += unsafe bins[start + offset] * weight
                    }
                    values.append(sum)
                }
            }
        }
        return FrameMatrix(values: values, frameCount: spectrogram.frameCount, featureCount: bandCount)
    }
}
