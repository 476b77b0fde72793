import Glibc
import Synchronization

/// The optimiser AdamW over flat memory: one pass for all parameters of a group.
///
/// Parameters move into the flat memory when it is made: their values and derivatives become views of it, and what is set
/// elsewhere later is taken back by the next step. It belongs to one training loop, which alone calls it; nobody reads
/// parameters while a step is made.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; details as in `torch.optim.AdamW`.
public final class AdamW: Sendable {
    /// What does not change from step to step.
    public struct Settings: Sendable, Hashable {
        /// How much of the running mean of derivatives is kept.
        public var beta1: Float = 0.9
        /// How much of the running mean of their squares is kept.
        public var beta2: Float = 0.98
        /// What is added to the root.
        public var epsilon: Float = 1e-8
        /// How fast weights shrink, in units of the learning rate.
        public var weightDecay: Float = 0.01

        /// VoxFormer's.
        public init() {}
    }

    private let settings: Settings
    private let groups: [FlatParameters]
    private let steps: Mutex<Int>

    /// Moves parameters into flat memory.
    ///
    /// - Parameters:
    ///   - parameters: frozen ones are left alone.
    ///   - settings: what does not change from step to step.
    ///   - decays: whether a parameter shrinks; see ``WeightDecayRule``.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public init(
        _ parameters: [Parameter],
        settings: Settings = Settings(),
        decays: (Parameter) -> Bool = WeightDecayRule.standard
    ) throws(TensorError) {
        self.settings = settings
        let trainable = parameters.filter(\.isTrainable)
        groups = [
            try FlatParameters(trainable.filter(decays), weightDecay: settings.weightDecay),
            try FlatParameters(trainable.filter { !decays($0) }, weightDecay: 0),
        ]
        steps = Mutex(0)
    }

    /// How many steps were made.
    public var stepCount: Int { steps.withLock { $0 } }

    /// Sets all derivatives to zero.
    ///
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` where a parameter was frozen since.
    public func clearGradients() throws(TensorError) {
        for group in groups { try group.adopt() }
        for group in groups { try group.gradient.backend.fill(group.gradient, 0) }
    }

    /// The length of all derivatives together; NaN or infinite where one is.
    ///
    /// - Returns: the root of the sum of all squares.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` where a parameter was frozen since.
    public func gradientNorm() throws(TensorError) -> Double {
        for group in groups { try group.adopt() }
        var sum = 0.0
        for group in groups { sum += try group.gradient.backend.sumOfSquares(group.gradient) }
        return sum.squareRoot()
    }

    /// Changes all parameters once.
    ///
    /// - Parameters:
    ///   - learningRate: how far.
    ///   - maximumNorm: derivatives that are longer together are shortened to this; nil for any length.
    ///   - norm: what ``gradientNorm()`` returned of the same derivatives; nil to find it.
    ///   - gradientScale: what all derivatives are multiplied by first.
    /// - Returns: the length before it is shortened, multiplied by `gradientScale`.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` where a derivative is NaN or infinite, or a parameter
    ///   was frozen since: nothing was changed.
    @discardableResult
    public func step(
        learningRate: Float,
        maximumNorm: Double? = nil,
        norm: Double? = nil,
        gradientScale: Double = 1
    ) throws(TensorError) -> Double {
        let stored = if let norm { norm } else { try gradientNorm() }
        let norm = gradientScale * stored
        guard norm.isFinite else {
            throw .invalidArgument(
                operation: "AdamW",
                reason: "a derivative is NaN or infinite; leave out this batch, or lower the learning rate"
            )
        }
        let count = steps.withLock { steps in
            steps += 1
            return steps
        }
        // The clipping of PyTorch: `max / (norm + 1e-6)`, where that is below 1.
        let scale = maximumNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        let first = 1 - pow(Double(settings.beta1), Double(count))
        let second = 1 - pow(Double(settings.beta2), Double(count))
        for group in groups {
            let step = AdamWStep(
                gradientScale: Float(gradientScale * scale),
                beta1: settings.beta1,
                beta2: settings.beta2,
                epsilon: settings.epsilon,
                rate: Float(Double(learningRate) / first),
                root: Float(second.squareRoot()),
                keep: 1 - learningRate * group.weightDecay
            )
            try group.value.backend.adamW(
                step,
                gradient: group.gradient,
                value: group.value,
                first: group.first,
                second: group.second
            )
        }
        return norm
    }

    /// What a later run needs to go on.
    ///
    /// - Returns: a copy.
    /// - Throws: ``TensorError`` where memory is short.
    public func state() throws(TensorError) -> AdamWState {
        var moments: [String: AdamWState.Moments] = [:]
        for group in groups {
            for (parameter, layout) in zip(group.parameters, group.layouts) {
                moments[parameter.name] = AdamWState.Moments(
                    first: try group.first.with(layout).copied(),
                    second: try group.second.with(layout).copied()
                )
            }
        }
        return AdamWState(stepCount: stepCount, moments: moments)
    }

    /// Goes on where another run was.
    ///
    /// - Parameter state: what ``state()`` returned there.
    /// - Throws: ``TensorError/parameters(missing:extra:misshapen:)`` where it is of other parameters; nothing was changed.
    public func restore(_ state: AdamWState) throws(TensorError) {
        var missing: [String] = []
        var misshapen: [String] = []
        var names: Set<String> = []
        for parameter in groups.flatMap(\.parameters) {
            names.insert(parameter.name)
            guard let moments = state.moments[parameter.name] else {
                missing.append("optimiser state of \(parameter.name)")
                continue
            }
            for moment in [moments.first, moments.second] where moment.shape != parameter.shape {
                misshapen.append(
                    "\(parameter.name): \(moment.shape) in the state, \(parameter.shape) in the model"
                )
            }
        }
        let extra = state.moments.keys.filter { !names.contains($0) }.sorted()
        guard missing.isEmpty, misshapen.isEmpty, extra.isEmpty else {
            throw .parameters(missing: missing, extra: extra, misshapen: misshapen)
        }
        for group in groups {
            for (parameter, layout) in zip(group.parameters, group.layouts) {
                guard let moments = state.moments[parameter.name] else { continue }
                try group.first.backend.copy(moments.first, to: group.first.with(layout))
                try group.first.backend.copy(moments.second, to: group.second.with(layout))
            }
        }
        steps.withLock { $0 = state.stepCount }
    }
}

/// What AdamW remembers from step to step.
public struct AdamWState: Sendable {
    /// The running means of one parameter.
    public struct Moments: Sendable {
        /// Of its derivatives.
        public var first: Tensor
        /// Of their squares.
        public var second: Tensor

        /// - Parameters:
        ///   - first: of its derivatives.
        ///   - second: of their squares.
        public init(first: Tensor, second: Tensor) {
            self.first = first
            self.second = second
        }
    }

    /// How many steps were made.
    public var stepCount: Int
    /// By the names of parameters.
    public var moments: [String: Moments]

    /// - Parameters:
    ///   - stepCount: how many steps were made.
    ///   - moments: by the names of parameters.
    public init(stepCount: Int, moments: [String: Moments]) {
        self.stepCount = stepCount
        self.moments = moments
    }
}
