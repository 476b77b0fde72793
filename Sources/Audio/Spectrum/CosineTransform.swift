import Glibc

/// The discrete cosine transform of type II with orthonormal rows: `scipy.fft.dct(x, norm="ortho")`.
///
/// `y[k] = s(k) * sum over n of x[n] cos(pi k (2 n + 1) / (2 N))` with `s(0) = sqrt(1 / N)`, else `sqrt(2 / N)`.
///
/// Source: Rao and Yip, "Discrete Cosine Transform", 1990, section 2.2.
public struct CosineTransform: Equatable, Sendable {
    /// Numbers that go in.
    public let inputCount: Int
    /// Numbers that come out, from the slowest cosine on.
    public let outputCount: Int
    /// The cosines, shape `[outputCount, inputCount]`.
    public let rows: [Float]

    /// Computes the cosines.
    ///
    /// - Parameters:
    ///   - inputCount: numbers that go in, at least 1.
    ///   - outputCount: numbers that come out, from 1 to `inputCount`.
    public init(inputCount: Int, outputCount: Int) {
        precondition(inputCount >= 1 && outputCount >= 1 && outputCount <= inputCount)
        self.inputCount = inputCount
        self.outputCount = outputCount
        let length = Double(inputCount)
        rows = (0..<outputCount).flatMap { row in
            let scale = ((row == 0 ? 1 : 2) / length).squareRoot()
            return (0..<inputCount).map { column in
                Float(scale * cos(.pi * Double(row) * (2 * Double(column) + 1) / (2 * length)))
            }
        }
    }

    /// Transforms each frame.
    ///
    /// - Parameter matrix: shape `[frames, inputCount]`.
    /// - Returns: shape `[frames, outputCount]`.
    public func transformed(_ matrix: FrameMatrix) -> FrameMatrix {
        precondition(matrix.featureCount == inputCount, "the transform is for \(inputCount) numbers")
        var values: [Float] = []
        values.reserveCapacity(matrix.frameCount * outputCount)
        unsafe matrix.values.withUnsafeBufferPointer { input in
            unsafe rows.withUnsafeBufferPointer { rows in
                for frame in 0..<matrix.frameCount {
                    for row in 0..<outputCount {
                        var sum: Float = 0
                        for column in 0..<inputCount {
                            sum += unsafe input[frame * inputCount + column] * rows[row * inputCount + column]
                        }
                        values.append(sum)
                    }
                }
            }
        }
        return FrameMatrix(values: values, frameCount: matrix.frameCount, featureCount: outputCount)
    }
}
