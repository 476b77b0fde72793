import Glibc

/// A network of one hidden layer: ŷ = w₂ · tanh(W₁ x + b₁) + b₂.
struct TwoLayerNetwork: Sendable, Equatable {
    let inputs: Int
    let hidden: Int
    /// All parameters in one row: W₁ [hidden, inputs], b₁ [hidden], w₂ [hidden], b₂ [1].
    var parameters: [Double]

    /// Draws first weights whose spread keeps the activations' variance.
    ///
    /// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    /// AISTATS 2010.
    init(inputs: Int, hidden: Int, random: inout SeededNumbers) {
        self.inputs = inputs
        self.hidden = hidden
        parameters = Array(repeating: 0, count: hidden * inputs + 2 * hidden + 1)
        let spread1 = (6 / Double(inputs + hidden)).squareRoot()
        for index in 0..<hidden * inputs { parameters[index] = spread1 * (2 * random.uniform() - 1) }
        let spread2 = (6 / Double(hidden + 1)).squareRoot()
        for index in 0..<hidden { parameters[outputWeights + index] = spread2 * (2 * random.uniform() - 1) }
    }

    /// Where each part of `parameters` starts.
    var hiddenBiases: Int { hidden * inputs }
    var outputWeights: Int { hidden * inputs + hidden }
    var outputBias: Int { hidden * inputs + 2 * hidden }

    /// The mean squared error over some examples.
    ///
    /// - Parameters:
    ///   - examples: The data.
    ///   - indices: Which of it.
    /// - Returns: The mean of (ŷ − y)².
    func loss(_ examples: RegressionProblem.Examples, _ indices: some Collection<Int>) -> Double {
        var sum = 0.0
        var activations = Array(repeating: 0.0, count: hidden)
        for index in indices {
            let error = predict(examples.inputs, index * inputs, &activations) - examples.targets[index]
            sum += error * error
        }
        return sum / Double(max(1, indices.count))
    }

    /// The mean squared error over some examples and its gradient.
    ///
    /// - Parameters:
    ///   - examples: The data.
    ///   - indices: Which of it.
    ///   - gradient: Replaced by ∂loss/∂parameters, in the parameters' order.
    /// - Returns: The loss.
    func lossAndGradient(
        _ examples: RegressionProblem.Examples,
        _ indices: some Collection<Int>,
        gradient: inout [Double]
    ) -> Double {
        for index in gradient.indices { gradient[index] = 0 }
        var sum = 0.0
        var activations = Array(repeating: 0.0, count: hidden)
        let scale = 2 / Double(max(1, indices.count))
        for index in indices {
            let row = index * inputs
            let error = predict(examples.inputs, row, &activations) - examples.targets[index]
            sum += error * error
            // ∂/∂ŷ of the mean of (ŷ − y)².
            let output = scale * error
            gradient[outputBias] += output
            for unit in 0..<hidden {
                let activation = activations[unit]
                gradient[outputWeights + unit] += output * activation
                // tanh′(z) = 1 − tanh²(z).
                let inner = output * parameters[outputWeights + unit] * (1 - activation * activation)
                gradient[hiddenBiases + unit] += inner
                for input in 0..<inputs {
                    gradient[unit * inputs + input] += inner * examples.inputs[row + input]
                }
            }
        }
        return sum * scale / 2
    }

    /// The network's answer; leaves tanh of the hidden layer in `activations`.
    private func predict(_ values: [Double], _ row: Int, _ activations: inout [Double]) -> Double {
        var output = parameters[outputBias]
        for unit in 0..<hidden {
            var sum = parameters[hiddenBiases + unit]
            for input in 0..<inputs { sum += parameters[unit * inputs + input] * values[row + input] }
            let activation = tanh(sum)
            activations[unit] = activation
            output += parameters[outputWeights + unit] * activation
        }
        return output
    }
}
