/// A row of numbers for each moment of a signal: a spectrogram, mel bands, cepstral coefficients.
public struct FrameMatrix: Equatable, Sendable {
    /// The numbers, shape `[frames, features]`, row after row.
    public var values: [Float]
    /// How many moments.
    public let frameCount: Int
    /// How many numbers each has.
    public let featureCount: Int

    /// A matrix of given numbers.
    ///
    /// - Parameters:
    ///   - values: shape `[frames, features]`, row after row.
    ///   - frameCount: how many rows.
    ///   - featureCount: how long each is.
    public init(values: [Float], frameCount: Int, featureCount: Int) {
        precondition(values.count == frameCount * featureCount, "the numbers do not fill the matrix")
        self.values = values
        self.frameCount = frameCount
        self.featureCount = featureCount
    }

    /// The numbers of one moment.
    ///
    /// - Parameter frame: 0 or more, less than ``frameCount``.
    public subscript(frame: Int) -> ArraySlice<Float> {
        values[frame * featureCount..<(frame + 1) * featureCount]
    }

    /// One number.
    ///
    /// - Parameters:
    ///   - frame: the moment.
    ///   - feature: which of its numbers.
    public subscript(frame: Int, feature: Int) -> Float {
        precondition(feature >= 0 && feature < featureCount, "no such feature")
        return values[frame * featureCount + feature]
    }

    /// The numbers with the features as rows, shape `[features, frames]`: what networks and librosa want.
    public var transposed: [Float] {
        var columns = [Float](repeating: 0, count: values.count)
        for frame in 0..<frameCount {
            for feature in 0..<featureCount {
                columns[feature * frameCount + frame] = values[frame * featureCount + feature]
            }
        }
        return columns
    }

    /// Each feature shifted and scaled to mean 0 and variance 1 over all frames, which takes most of a voice and a
    /// microphone out of cepstral coefficients; a feature that never changes becomes 0.
    public var standardized: FrameMatrix {
        guard frameCount > 0 else { return self }
        var means = [Double](repeating: 0, count: featureCount)
        var squares = means
        for frame in 0..<frameCount {
            for feature in 0..<featureCount { means[feature] += Double(self[frame, feature]) }
        }
        for feature in means.indices { means[feature] /= Double(frameCount) }
        for frame in 0..<frameCount {
            for feature in 0..<featureCount {
                let difference = Double(self[frame, feature]) - means[feature]
                squares[feature] += difference * difference
            }
        }
        let scales = squares.map { sum in
            let deviation = (sum / Double(frameCount)).squareRoot()
            return deviation > 1e-9 ? 1 / deviation : 0
        }
        var result = self
        for frame in 0..<frameCount {
            for feature in 0..<featureCount {
                let index = frame * featureCount + feature
                result.values[index] = Float((Double(values[index]) - means[feature]) * scales[feature])
            }
        }
        return result
    }
}
