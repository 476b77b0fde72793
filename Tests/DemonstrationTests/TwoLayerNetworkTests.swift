import TestSupport
import Testing

@testable import Demonstration

@Suite("Two-layer network") struct TwoLayerNetworkTests {
    @Test(
        "The gradient agrees with central differences in every parameter",
        arguments: [1, 2, 3] as [UInt64]
    )
    func gradient(seed: UInt64) {
        var configuration = RegressionConfiguration()
        configuration.seed = seed
        configuration.stepsPerEpoch = 2
        configuration.batchSize = 8
        let examples = RegressionProblem(configuration).training
        var random = SeededNumbers(seed: seed)
        let network = TwoLayerNetwork(inputs: RegressionProblem.inputs, hidden: 7, random: &random)
        // A batch out of order and with a repetition.
        let batch = [3, 11, 0, 3, 15]
        var gradient = Array(repeating: 99.0, count: network.parameters.count)
        let loss = network.lossAndGradient(examples, batch, gradient: &gradient)
        #expect(abs(loss - network.loss(examples, batch)) < 1e-15)
        let step = 1e-5
        for index in network.parameters.indices {
            var (above, below) = (network, network)
            above.parameters[index] += step
            below.parameters[index] -= step
            let difference = (above.loss(examples, batch) - below.loss(examples, batch)) / (2 * step)
            #expect(abs(difference - gradient[index]) < 1e-8 + 1e-6 * abs(difference), "parameter \(index)")
        }
    }

    @Test("Parameters lie as documented: hidden weights, hidden biases, output weights, output bias")
    func layout() {
        var random = SeededNumbers(seed: 1)
        var network = TwoLayerNetwork(inputs: 4, hidden: 3, random: &random)
        #expect(network.parameters.count == 3 * 4 + 3 + 3 + 1)
        // With all else zero the answer is the output bias, so the error against 0 is its square.
        network.parameters = Array(repeating: 0, count: network.parameters.count)
        network.parameters[network.outputBias] = 3
        let examples = RegressionProblem.Examples(inputs: [1, 2, 3, 4], targets: [0])
        #expect(network.loss(examples, [0]) == 9)
        // A hidden unit saturated by its bias adds its output weight.
        network.parameters[network.hiddenBiases + 1] = 100
        network.parameters[network.outputWeights + 1] = -2
        #expect(network.loss(examples, [0]) == 1)
        // And one saturated by a weight on the third input.
        network.parameters[2 * 4 + 2] = 50
        network.parameters[network.outputWeights + 2] = 5
        #expect(network.loss(examples, [0]) == 36)
    }
}
