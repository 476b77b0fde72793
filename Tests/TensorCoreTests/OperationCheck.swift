import TestSupport
import Testing

@testable import TensorCore

/// An input of an operation under test.
struct Input {
    var shape: Shape
    /// Row-major.
    var values: [Float]

    /// Numbers from -range to range.
    static func random(_ shape: Shape, _ random: inout SeededRandom, range: Float = 1) -> Input {
        Input(
            shape: shape,
            values: (0..<shape.elementCount).map { _ in Float.random(in: -range...range, using: &random) }
        )
    }
}

/// Compares an operation with a plain reference in double precision: its value, and its derivative with the central
/// differences of the reference.
///
/// - Parameters:
///   - inputs: what it is computed from.
///   - tolerance: the largest difference that passes, relative to the largest number of the tensor, for the value;
///     ten times that for derivatives.
///   - seed: of the upstream derivative.
///   - sourceLocation: where failures are reported.
///   - reference: the inputs' numbers to the result's, row-major.
///   - operation: the operation under test.
/// - Throws: what the operation throws.
func checkOperation(
    _ inputs: [Input],
    tolerance: Double = 1e-5,
    seed: UInt64 = 1,
    sourceLocation: SourceLocation = #_sourceLocation,
    reference: ([[Double]]) -> [Double],
    operation: ([Tensor]) throws -> Tensor
) throws {
    let parameters = try inputs.enumerated().map { Parameter("\($0)", try Tensor($1.values, $1.shape)) }
    let result = try operation(parameters.map(\.tensor))
    var numbers = inputs.map { $0.values.map(Double.init) }
    let expected = reference(numbers)
    expectClose(try result.floats(), expected, tolerance, "value", sourceLocation)
    guard result.elementCount > 0 else { return }

    var random = SeededRandom(seed: seed)
    let upstream = (0..<result.elementCount).map { _ in Float.random(in: -1...1, using: &random) }
    try result.backward(upstream: Tensor(upstream, result.shape))
    func loss() -> Double { zip(reference(numbers), upstream).reduce(0) { $0 + $1.0 * Double($1.1) } }
    for (index, parameter) in parameters.enumerated() {
        let step = 1e-5
        let differences = numbers[index].indices.map { position in
            let value = numbers[index][position]
            numbers[index][position] = value + step
            let above = loss()
            numbers[index][position] = value - step
            let below = loss()
            numbers[index][position] = value
            return (above - below) / (2 * step)
        }
        let gradient = try parameter.gradient?.floats() ?? [Float](repeating: 0, count: differences.count)
        #expect(
            parameter.gradient == nil || parameter.gradient?.shape == parameter.shape,
            sourceLocation: sourceLocation
        )
        expectClose(gradient, differences, tolerance * 10, "derivative of input \(index)", sourceLocation)
    }
}

/// Fails where two arrays differ by more than a fraction of the largest expected number.
func expectClose(
    _ got: [Float],
    _ want: [Double],
    _ tolerance: Double,
    _ what: String,
    _ sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(got.count == want.count, "\(what)", sourceLocation: sourceLocation)
    let largest = max(want.map(abs).max() ?? 0, 1e-3)
    for (index, (left, right)) in zip(got, want).enumerated() {
        let error = abs(Double(left) - right) / largest
        if !(error <= tolerance) {
            Issue.record(
                "\(what): element \(index) is \(left), expected \(right) (\(error) of \(largest))",
                sourceLocation: sourceLocation
            )
            return
        }
    }
}
