/// What a picture of a waveform needs: the extremes and the loudness of each of a row of equal pieces.
public struct WaveformSummary: Equatable, Sendable {
    /// One piece of the signal.
    public struct Bucket: Equatable, Sendable {
        /// The least sample; 0 for a piece without samples.
        public var minimum: Float
        /// The greatest sample; 0 for a piece without samples.
        public var maximum: Float
        /// The root of the mean of the squares.
        public var rootMeanSquare: Float

        /// A piece with given values.
        ///
        /// - Parameters:
        ///   - minimum: the least sample.
        ///   - maximum: the greatest sample.
        ///   - rootMeanSquare: the root of the mean of the squares.
        public init(minimum: Float, maximum: Float, rootMeanSquare: Float) {
            self.minimum = minimum
            self.maximum = maximum
            self.rootMeanSquare = rootMeanSquare
        }
    }

    /// The pieces in the order of time; piece `i` of `count` holds the samples from `i * n / count` to before
    /// `(i + 1) * n / count`.
    public let buckets: [Bucket]

    /// Summarises a signal.
    ///
    /// - Parameters:
    ///   - samples: shape `[samples]`, also empty.
    ///   - bucketCount: how many pieces, at least 1.
    public init(_ samples: [Float], bucketCount: Int) {
        var builder = WaveformBuilder(sampleCount: samples.count, bucketCount: bucketCount)
        builder.append(samples)
        self = builder.summary
    }

    init(buckets: [Bucket]) {
        self.buckets = buckets
    }
}

/// Summarises a signal that comes in blocks, in memory of the size of the summary.
public struct WaveformBuilder: Sendable {
    private struct Sums {
        var minimum = Float.infinity
        var maximum = -Float.infinity
        var squares = 0.0
        var count = 0
    }

    private let sampleCount: Int
    private var sums: [Sums]
    private var position = 0
    private var current = 0

    /// Starts a summary.
    ///
    /// - Parameters:
    ///   - sampleCount: how many samples are to come, 0 or more; those beyond go into the last piece.
    ///   - bucketCount: how many pieces, at least 1.
    public init(sampleCount: Int, bucketCount: Int) {
        precondition(sampleCount >= 0 && bucketCount > 0, "a summary needs a bucket")
        self.sampleCount = sampleCount
        sums = [Sums](repeating: Sums(), count: bucketCount)
    }

    /// Takes the next samples.
    ///
    /// - Parameter samples: in the order of time.
    public mutating func append(_ samples: [Float]) {
        var start = 0
        while start < samples.count {
            while current + 1 < sums.count, position >= end(ofBucket: current) { current += 1 }
            let isLast = current + 1 == sums.count
            let room = isLast ? samples.count - start : end(ofBucket: current) - position
            let piece = samples[start..<min(start + room, samples.count)]
            add(piece)
            position += piece.count
            start = piece.endIndex
        }
    }

    /// What has been seen so far.
    public var summary: WaveformSummary {
        WaveformSummary(
            buckets: sums.map { sums in
                guard sums.count > 0 else { return .init(minimum: 0, maximum: 0, rootMeanSquare: 0) }
                let mean = sums.squares / Double(sums.count)
                return .init(
                    minimum: sums.minimum,
                    maximum: sums.maximum,
                    rootMeanSquare: Float(mean.squareRoot())
                )
            }
        )
    }

    /// Where a piece ends: `(bucket + 1) * sampleCount / bucketCount` without the overflow.
    private func end(ofBucket bucket: Int) -> Int {
        let (whole, rest) = sampleCount.quotientAndRemainder(dividingBy: sums.count)
        return (bucket + 1) * whole + (bucket + 1) * rest / sums.count
    }

    private mutating func add(_ piece: ArraySlice<Float>) {
        var minimum = SIMD8<Float>(repeating: .infinity)
        var maximum = SIMD8<Float>(repeating: -.infinity)
        var squares = SIMD8<Float>.zero
        var total = 0.0
        unsafe piece.withUnsafeBufferPointer { samples in
            var index = 0
            while index + 8 <= samples.count {
                let lanes = unsafe UnsafeRawPointer(samples.baseAddress.unsafelyUnwrapped + index)
                    .loadUnaligned(as: SIMD8<Float>.self)
                minimum = pointwiseMin(minimum, lanes)
                maximum = pointwiseMax(maximum, lanes)
                squares += lanes * lanes
                index += 8
                // Single precision is only trusted over short sums.
                if index & 4_095 == 0 {
                    total += Double(squares.sum())
                    squares = .zero
                }
            }
            while index < samples.count {
                let sample = unsafe samples[index]
                minimum[0] = min(minimum[0], sample)
                maximum[0] = max(maximum[0], sample)
                total += Double(sample) * Double(sample)
                index += 1
            }
        }
        sums[current].minimum = min(sums[current].minimum, minimum.min())
        sums[current].maximum = max(sums[current].maximum, maximum.max())
        sums[current].squares += total + Double(squares.sum())
        sums[current].count += piece.count
    }
}
