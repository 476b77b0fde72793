/// The state of a regression run between steps: data, weights, velocity, order of the examples.
struct RegressionTraining: Sendable {
    /// What one step measured.
    struct StepResult: Sendable {
        /// The mean squared error of the mini-batch, before the step.
        let loss: Double
        /// The length of the gradient.
        let gradientNorm: Double
        let learningRate: Double
    }

    private let configuration: RegressionConfiguration
    private let problem: RegressionProblem
    private(set) var network: TwoLayerNetwork
    /// Steps done.
    private(set) var step = 0
    private var random: SeededNumbers
    private var order: [Int]
    private var velocity: [Double]
    private var gradient: [Double]
    private var bestLoss = Double.infinity

    init(_ configuration: RegressionConfiguration) {
        self.configuration = configuration
        problem = RegressionProblem(configuration)
        random = SeededNumbers(seed: configuration.seed &+ 1)
        network = TwoLayerNetwork(
            inputs: RegressionProblem.inputs,
            hidden: configuration.hiddenUnits,
            random: &random
        )
        order = Array(0..<problem.training.count)
        velocity = Array(repeating: 0, count: network.parameters.count)
        gradient = velocity
    }

    /// Puts the training examples in a new order, for a new epoch.
    mutating func shuffle() { order.shuffle(using: &random) }

    /// Takes one step along the gradient of the next mini-batch.
    ///
    /// Momentum as in Sutskever et al., "On the importance of initialization and momentum in deep learning",
    /// ICML 2013, and weight decay apart from the gradient as in Loshchilov, Hutter, ICLR 2019.
    mutating func takeStep() -> StepResult {
        let start = (step % configuration.stepsPerEpoch) * configuration.batchSize
        let batch = order[start..<start + configuration.batchSize]
        let loss = network.lossAndGradient(problem.training, batch, gradient: &gradient)
        let rate = configuration.learningRate(step: step)
        var squares = 0.0
        for index in gradient.indices {
            squares += gradient[index] * gradient[index]
            velocity[index] = configuration.momentum * velocity[index] + gradient[index]
            let decay = configuration.weightDecay * network.parameters[index]
            network.parameters[index] -= rate * (velocity[index] + decay)
        }
        step += 1
        return StepResult(loss: loss, gradientNorm: squares.squareRoot(), learningRate: rate)
    }

    /// The error on the examples kept apart, and whether it is the lowest so far.
    mutating func validate() -> (loss: Double, isBest: Bool) {
        let loss = network.loss(problem.validation, 0..<problem.validation.count)
        let isBest = loss < bestLoss
        if isBest { bestLoss = loss }
        return (loss, isBest)
    }
}
