import Glibc

/// Powers and magnitudes on the scale of loudness.
public enum Decibels {
    /// `10 log10(max(power, floor) / reference)`: `librosa.power_to_db`.
    ///
    /// - Parameters:
    ///   - matrix: powers, 0 or more.
    ///   - reference: the power that becomes 0 dB, more than 0.
    ///   - floor: powers below count as this, so that silence stays finite; more than 0.
    ///   - rangeDecibels: values this far below the loudest are lifted to there; all stay as they are for nil.
    /// - Returns: the same shape.
    public static func ofPower(
        _ matrix: FrameMatrix,
        reference: Float = 1,
        floor: Float = 1e-10,
        rangeDecibels: Float? = 80
    ) -> FrameMatrix {
        scaled(matrix, by: 10, reference: max(reference, floor), floor: floor, rangeDecibels: rangeDecibels)
    }

    /// `20 log10(max(magnitude, floor) / reference)`: `librosa.amplitude_to_db`.
    ///
    /// - Parameters:
    ///   - matrix: magnitudes, 0 or more.
    ///   - reference: the magnitude that becomes 0 dB, more than 0.
    ///   - floor: magnitudes below count as this, so that silence stays finite; more than 0.
    ///   - rangeDecibels: values this far below the loudest are lifted to there; all stay as they are for nil.
    /// - Returns: the same shape.
    public static func ofMagnitude(
        _ matrix: FrameMatrix,
        reference: Float = 1,
        floor: Float = 1e-5,
        rangeDecibels: Float? = 80
    ) -> FrameMatrix {
        scaled(matrix, by: 20, reference: max(reference, floor), floor: floor, rangeDecibels: rangeDecibels)
    }

    private static func scaled(
        _ matrix: FrameMatrix,
        by factor: Float,
        reference: Float,
        floor: Float,
        rangeDecibels: Float?
    ) -> FrameMatrix {
        precondition(floor > 0, "silence needs a floor")
        var result = matrix
        let zero = factor * log10(reference)
        for index in result.values.indices {
            result.values[index] = factor * log10(max(result.values[index], floor)) - zero
        }
        if let rangeDecibels, let loudest = result.values.max() {
            let least = loudest - rangeDecibels
            for index in result.values.indices { result.values[index] = max(result.values[index], least) }
        }
        return result
    }
}
