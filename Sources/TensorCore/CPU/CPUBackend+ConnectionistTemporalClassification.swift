import CTensorKernels
import Glibc
import Synchronization

extension CPUBackend {
    /// Each row of the batch on a thread of its own.
    public func connectionistTemporalClassification(
        _ logits: Tensor,
        targets: [[Int32]],
        inputLengths: [Int],
        blank: Int32,
        zeroInfinity: Bool,
        into derivative: Tensor?
    ) throws(TensorError) -> [Float] {
        let (frames, classes) = (logits.shape[1], logits.shape[2])
        let logWeights = try Tensor.undefined(logits.shape, on: self)
        try softmax(logits, isLogarithm: true, into: logWeights)
        if let derivative { try fill(derivative, 0) }
        let losses = Mutex([Float](repeating: 0, count: targets.count))
        ThreadPool.run(targets.count) { row in
            let start = row * frames * classes
            let lattice = unsafe LabelLattice(
                targets[row],
                blank: blank,
                frameCount: inputLengths[row],
                classCount: classes,
                logWeights: logWeights.pointer + start
            )
            let loss = lattice.loss
            let isImpossible = loss == .infinity
            losses.withLock { $0[row] = isImpossible && zeroInfinity ? 0 : Float(loss) }
            if let derivative, !(isImpossible && zeroInfinity) {
                unsafe lattice.addDerivative(to: derivative.pointer + start)
            }
        }
        return losses.withLock { $0 }
    }
}

/// All ways to read a sequence of labels from frames, where each label may be held and blanks may lie between.
///
/// Source: Graves et al., "Connectionist Temporal Classification", ICML 2006, §4.1, with logarithms instead of scaling.
@safe private struct LabelLattice {
    /// Labels with blanks around each.
    private let states: [Int]
    private let frameCount: Int
    private let classCount: Int
    private let blank: Int
    private let logWeights: UnsafePointer<Float>
    /// `[frames, states]`: the logarithm of the weight of all beginnings that end in a state, its own frame included.
    private let forward: [Double]
    /// -ln of the weight of all ways.
    let loss: Double

    init(
        _ labels: [Int32],
        blank: Int32,
        frameCount: Int,
        classCount: Int,
        logWeights: UnsafePointer<Float>
    ) {
        var states = [Int(blank)]
        for label in labels { states += [Int(label), Int(blank)] }
        self.states = states
        self.frameCount = frameCount
        self.classCount = classCount
        self.blank = Int(blank)
        unsafe self.logWeights = logWeights
        let count = states.count
        guard frameCount > 0 else {
            forward = []
            loss = labels.isEmpty ? 0 : .infinity
            return
        }
        var forward = [Double](repeating: -.infinity, count: frameCount * count)
        forward[0] = unsafe Double(logWeights[states[0]])
        if count > 1 { forward[1] = unsafe Double(logWeights[states[1]]) }
        for frame in 1..<max(1, frameCount) {
            for state in 0..<count {
                let before = (frame - 1) * count + state
                var sum = forward[before]
                if state > 0 { sum = Self.add(sum, forward[before - 1]) }
                if state > 1, states[state] != Int(blank), states[state] != states[state - 2] {
                    sum = Self.add(sum, forward[before - 2])
                }
                let weight = unsafe Double(logWeights[frame * classCount + states[state]])
                forward[frame * count + state] = sum + weight
            }
        }
        let last = frameCount * count - 1
        let total = count > 1 ? Self.add(forward[last], forward[last - 1]) : forward[last]
        self.forward = forward
        loss = total == -.infinity ? .infinity : -total
    }

    /// `ln(eᵃ + eᵇ)`.
    private static func add(_ a: Double, _ b: Double) -> Double {
        let (large, small) = a > b ? (a, b) : (b, a)
        return small == -.infinity ? large : large + log1p(exp(small - large))
    }

    /// Adds the derivative of the loss for the logits: what a class weighs, less how much of all ways goes through it.
    func addDerivative(to derivative: UnsafeMutablePointer<Float>) {
        guard frameCount > 0 else { return }
        let count = states.count
        // The logarithm of the weight of all ends that follow a state, its own frame left out.
        var backward = [Double](repeating: -.infinity, count: count)
        backward[count - 1] = 0
        if count > 1 { backward[count - 2] = 0 }
        for frame in (0..<frameCount).reversed() {
            let line = unsafe derivative + frame * classCount
            let weights = unsafe logWeights + frame * classCount
            for index in 0..<classCount { unsafe line[index] = exp(weights[index]) }
            for state in 0..<count {
                let share = forward[frame * count + state] + backward[state] + loss
                if share > -80 { unsafe line[states[state]] -= Float(exp(share)) }
                if share.isNaN { unsafe line[states[state]] = .nan }
            }
            guard frame > 0 else { break }
            var next = [Double](repeating: -.infinity, count: count)
            for state in 0..<count {
                var sum = backward[state] + (unsafe Double(weights[states[state]]))
                if state + 1 < count {
                    sum = Self.add(sum, backward[state + 1] + (unsafe Double(weights[states[state + 1]])))
                }
                if state + 2 < count, states[state + 2] != blank, states[state + 2] != states[state] {
                    sum = Self.add(sum, backward[state + 2] + (unsafe Double(weights[states[state + 2]])))
                }
                next[state] = sum
            }
            backward = next
        }
    }
}
