import Glibc

/// The data of a `RegressionRun`: a smooth function of four numbers, with noise.
struct RegressionProblem: Sendable {
    /// Numbers in an example.
    static let inputs = 4

    /// Examples, all in one row.
    struct Examples: Sendable {
        /// Of shape [examples, inputs], each −1…1.
        let inputs: [Double]
        /// Of shape [examples].
        let targets: [Double]

        var count: Int { targets.count }
    }

    let training: Examples
    let validation: Examples

    /// Draws the examples that follow from the configuration's seed.
    init(_ configuration: RegressionConfiguration) {
        var random = SeededNumbers(seed: configuration.seed)
        training = Self.draw(configuration.trainingExamples, noise: configuration.noise, &random)
        validation = Self.draw(configuration.validationExamples, noise: configuration.noise, &random)
    }

    /// The function to be learned, without noise.
    static func target(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
        sin(3 * a) * cos(2 * b) + 0.5 * c * d + 0.3 * b
    }

    private static func draw(_ count: Int, noise: Double, _ random: inout SeededNumbers) -> Examples {
        var inputs: [Double] = []
        var targets: [Double] = []
        inputs.reserveCapacity(count * Self.inputs)
        targets.reserveCapacity(count)
        for index in 0..<count {
            for _ in 0..<Self.inputs { inputs.append(2 * random.uniform() - 1) }
            let first = index * Self.inputs
            let exact = target(inputs[first], inputs[first + 1], inputs[first + 2], inputs[first + 3])
            targets.append(exact + noise * random.normal())
        }
        return Examples(inputs: inputs, targets: targets)
    }
}
