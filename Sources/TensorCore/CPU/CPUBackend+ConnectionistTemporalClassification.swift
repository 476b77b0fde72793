import CTensorKernels
import Glibc

extension CPUBackend {
    /// Frames first, then each row of the batch on a thread of its own.
    public func connectionistTemporalClassification(
        _ logits: Tensor,
        targets: [[Int32]],
        inputLengths: [Int],
        blank: Int32,
        zeroInfinity: Bool,
        into derivative: Tensor?
    ) throws(TensorError) -> [Float] {
        let (frames, classes) = (logits.shape[1], logits.shape[2])
        let logSums = try Tensor.undefined([targets.count, frames], on: self)
        let grain = max(1, Self.grain / max(1, classes))
        ThreadPool.ranges(targets.count * frames, grain: grain) { rows in
            for row in rows where row % frames < inputLengths[row / frames] {
                let input = unsafe logits.pointer + row * classes
                if let derivative {
                    let output = unsafe derivative.pointer + row * classes
                    unsafe logSums.pointer[row] = tk_softmax_row(input, output, classes)
                } else {
                    unsafe logSums.pointer[row] = tk_log_sum_exp(input, classes)
                }
            }
        }
        let losses = try Tensor.undefined([targets.count], on: self)
        ThreadPool.run(targets.count) { row in
            let length = inputLengths[row]
            let start = row * frames * classes
            let lattice = unsafe LabelLattice(
                targets[row],
                blank: blank,
                frameCount: length,
                classCount: classes,
                logits: logits.pointer + start,
                logSums: logSums.pointer + row * frames
            )
            let isLeftOut = zeroInfinity && lattice.loss == .infinity
            unsafe losses.pointer[row] = isLeftOut ? 0 : Float(lattice.loss)
            guard let derivative else { return }
            let slopes = unsafe derivative.pointer + start
            if !isLeftOut { unsafe lattice.subtractShares(from: slopes) }
            let kept = isLeftOut ? 0 : length
            unsafe (slopes + kept * classes).update(repeating: 0, count: (frames - kept) * classes)
        }
        return try download(losses)
    }
}

/// All ways to read a sequence of labels from frames, where each label may be held and blanks may lie between.
///
/// In logarithms and double precision: over a thousand frames the weight of a way is far below the smallest number, and
/// its logarithm has more digits than float32. Source: Graves et al., "Connectionist Temporal Classification", ICML 2006,
/// §4.1.
private struct LabelLattice {
    /// Labels with blanks around each.
    private let states: [Int]
    private let frameCount: Int
    private let classCount: Int
    /// `[frames, labels + 1]`: the logarithms of the weights of the labels in order, then of the blank.
    private let logWeights: [Double]
    /// `[frames, states]`: the logarithm of the weight of all beginnings that end in a state, its own frame included.
    private let forward: [Double]
    /// -ln of the weight of all ways.
    let loss: Double

    init(
        _ labels: [Int32],
        blank: Int32,
        frameCount: Int,
        classCount: Int,
        logits: UnsafePointer<Float>,
        logSums: UnsafePointer<Float>
    ) {
        var states = [Int(blank)]
        for label in labels { states += [Int(label), Int(blank)] }
        self.states = states
        self.frameCount = frameCount
        self.classCount = classCount
        var logWeights: [Double] = []
        logWeights.reserveCapacity(frameCount * (labels.count + 1))
        for frame in 0..<frameCount {
            let line = unsafe logits + frame * classCount
            let logSum = unsafe Double(logSums[frame])
            for label in labels { logWeights.append(unsafe Double(line[Int(label)]) - logSum) }
            logWeights.append(unsafe Double(line[Int(blank)]) - logSum)
        }
        self.logWeights = logWeights
        let count = states.count
        guard frameCount > 0 else {
            forward = []
            loss = labels.isEmpty ? 0 : .infinity
            return
        }
        let width = labels.count + 1
        var forward = [Double](repeating: -.infinity, count: frameCount * count)
        forward[0] = logWeights[width - 1]
        if count > 1 { forward[1] = logWeights[0] }
        for frame in 1..<max(1, frameCount) {
            for state in 0..<count {
                let before = (frame - 1) * count + state
                let isLabel = !state.isMultiple(of: 2)
                let canSkip = isLabel && state > 1 && states[state] != states[state - 2]
                let sum = Self.logSum(
                    forward[before],
                    state > 0 ? forward[before - 1] : -.infinity,
                    canSkip ? forward[before - 2] : -.infinity
                )
                forward[frame * count + state] =
                    sum + logWeights[frame * width + (isLabel ? state / 2 : width - 1)]
            }
        }
        let last = frameCount * count - 1
        let total = Self.logSum(forward[last], count > 1 ? forward[last - 1] : -.infinity, -.infinity)
        self.forward = forward
        loss = total == -.infinity ? .infinity : -total
    }

    /// `ln(eᵃ + eᵇ + eᶜ)`.
    private static func logSum(_ a: Double, _ b: Double, _ c: Double) -> Double {
        let largest = max(a, b, c)
        // NaN goes on.
        guard largest != -.infinity else { return a + b + c }
        return largest + log(exp(a - largest) + exp(b - largest) + exp(c - largest))
    }

    /// From the softmax to the derivative of the loss for the logits: takes away how much of all ways goes through each
    /// class.
    ///
    /// - Parameter slopes: `[frames, classes]`.
    func subtractShares(from slopes: UnsafeMutablePointer<Float>) {
        guard frameCount > 0 else { return }
        let count = states.count
        let width = count / 2 + 1
        // The logarithm of the weight of all ends that follow a state, its own frame left out, and included.
        var backward = [Double](repeating: -.infinity, count: count)
        var included = backward
        backward[count - 1] = 0
        if count > 1 { backward[count - 2] = 0 }
        for frame in (0..<frameCount).reversed() {
            let line = unsafe slopes + frame * classCount
            var blanks = 0.0
            for state in 0..<count {
                let share = exp(forward[frame * count + state] + backward[state] + loss)
                if state.isMultiple(of: 2) {
                    blanks += share
                } else {
                    unsafe line[states[state]] -= Float(share)
                }
            }
            unsafe line[states[0]] -= Float(blanks)
            guard frame > 0 else { break }
            for state in 0..<count {
                let column = state.isMultiple(of: 2) ? width - 1 : state / 2
                included[state] = backward[state] + logWeights[frame * width + column]
            }
            for state in 0..<count {
                let canSkip =
                    !state.isMultiple(of: 2) && state + 2 < count && states[state + 2] != states[state]
                backward[state] = Self.logSum(
                    included[state],
                    state + 1 < count ? included[state + 1] : -.infinity,
                    canSkip ? included[state + 2] : -.infinity
                )
            }
        }
    }
}
