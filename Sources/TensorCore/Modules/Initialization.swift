import Glibc

/// How the numbers of a new parameter are drawn.
public enum Initialization: Sendable, Hashable {
    /// All the same.
    case constant(Float)
    /// From a normal distribution around 0.
    case normal(standardDeviation: Float)
    /// Evenly from -bound to bound.
    case uniform(bound: Float)
    /// Evenly, with the bound `gain·√(6 / (fan in + fan out))`.
    ///
    /// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    case xavierUniform(gain: Float)
    /// Evenly, with the bound `1 / √(fan in)`: what PyTorch's linear maps and convolutions begin with.
    case fanInUniform

    /// All zeros.
    public static var zeros: Initialization { .constant(0) }
    /// All ones.
    public static var ones: Initialization { .constant(1) }

    /// Draws the numbers.
    ///
    /// - Parameters:
    ///   - shape: `[outputs, inputs, …]`: what follows the second axis is the receptive field.
    ///   - generator: where chance comes from.
    /// - Returns: row-major numbers.
    func values(_ shape: Shape, using generator: inout some RandomNumberGenerator) -> [Float] {
        let count = shape.elementCount
        let field = shape.dimensions.dropFirst(2).reduce(1, *)
        let fanIn = Float(max(1, shape.rank > 1 ? shape.dimensions[1] * field : shape.last))
        let fanOut = Float(max(1, (shape.dimensions.first ?? 1) * field))
        switch self {
        case .constant(let value): return [Float](repeating: value, count: count)
        case .normal(let deviation):
            return (0..<count).map { _ in deviation * Self.normal(using: &generator) }
        case .uniform(let bound): return Self.uniform(bound, count, using: &generator)
        case .xavierUniform(let gain):
            return Self.uniform(gain * (6 / (fanIn + fanOut)).squareRoot(), count, using: &generator)
        case .fanInUniform: return Self.uniform(1 / fanIn.squareRoot(), count, using: &generator)
        }
    }

    private static func uniform(
        _ bound: Float,
        _ count: Int,
        using generator: inout some RandomNumberGenerator
    ) -> [Float] {
        (0..<count).map { _ in (Float(generator.next() >> 40) * 0x1p-24 * 2 - 1) * bound }
    }

    /// Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
    private static func normal(using generator: inout some RandomNumberGenerator) -> Float {
        let radius = Double(generator.next() >> 11) * 0x1p-53
        let angle = Double(generator.next() >> 11) * 0x1p-53
        return Float((-2 * log(max(radius, 0x1p-60))).squareRoot() * cos(2 * .pi * angle))
    }
}
