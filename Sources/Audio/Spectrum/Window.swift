import Glibc

/// Weights that let a piece of a signal begin and end softly.
public enum Window: Equatable, Sendable {
    /// All weights 1.
    case rectangular
    /// A cosine bow from 0 to 1 and back, periodic: `0.5 - 0.5 cos(2 pi n / count)`, as librosa and PyTorch have.
    case hann

    /// The weights.
    ///
    /// - Parameter count: how many, 0 or more.
    /// - Returns: shape `[count]`.
    public func weights(count: Int) -> [Float] {
        switch self {
        case .rectangular: [Float](repeating: 1, count: count)
        case .hann: (0..<count).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count))) }
        }
    }
}
