import Glibc
import TestSupport
import Testing

@testable import TensorCore

/// Losses at the edges of what they are defined for.
@Suite struct LossBoundaryTests {
    // MARK: CTC

    /// The definition of Graves et al., 2006, §3.1: the sum over all paths that collapse to the labels; 0 where there
    /// is none, as `zeroInfinity` has it.
    private func sumOverPaths(
        _ logits: some Collection<Double>,
        frames: Int,
        classes: Int,
        labels: [Int],
        blank: Int
    ) -> Double {
        var weights: [Double] = []
        for frame in 0..<frames {
            let row = logits.dropFirst(frame * classes).prefix(classes).map { exp($0) }
            let sum = row.reduce(0, +)
            weights += row.map { $0 / sum }
        }
        let pathCount = (0..<frames).reduce(1) { count, _ in count * classes }
        var total = 0.0
        for path in 0..<pathCount {
            var (rest, before, product) = (path, blank, 1.0)
            var collapsed: [Int] = []
            for frame in 0..<frames {
                let label = rest % classes
                rest /= classes
                product *= weights[frame * classes + label]
                if label != blank && label != before { collapsed.append(label) }
                before = label
            }
            if collapsed == labels { total += product }
        }
        return total > 0 ? -log(total) : 0
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomBatchesAreTheSumOverAllPathsWhateverTheBlank(_ seed: UInt64) throws {
        var random = SeededRandom(seed: 1000 + seed)
        let (batch, frames) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...4, using: &random))
        let classes = Int.random(in: 2...3, using: &random)
        let blank = Int.random(in: 0..<classes, using: &random)
        let letters = (0..<classes).filter { $0 != blank }
        let targets = (0..<batch).map { _ in
            (0..<Int.random(in: 0...3, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0
            }
        }
        let lengths = (0..<batch).map { _ in Int.random(in: 0...frames, using: &random) }
        func losses(_ numbers: [Double]) -> [Double] {
            (0..<batch).map { row in
                sumOverPaths(
                    numbers.dropFirst(row * frames * classes),
                    frames: lengths[row],
                    classes: classes,
                    labels: targets[row],
                    blank: blank
                )
            }
        }
        for reduction in [LossReduction.none, .sum, .mean] {
            try checkOperation([.random([batch, frames, classes], &random, range: 2)]) { numbers in
                let rows = losses(numbers[0])
                switch reduction {
                case .none: return rows
                case .sum: return [rows.reduce(0, +)]
                case .mean:
                    // Impossible rows count among the others, as in PyTorch.
                    let means = zip(rows, targets).map { $0 / Double(max(1, $1.count)) }
                    return [means.reduce(0, +) / Double(batch)]
                }
            } operation: {
                try $0[0].connectionistTemporalClassificationLoss(
                    targets.map { $0.map { Int32($0) } },
                    inputLengths: lengths,
                    blank: Int32(blank),
                    reduction: reduction
                )
            }
        }
    }

    /// What lies after the valid frames is padding, and may be anything.
    @Test func framesAfterTheLengthMayBeAnything() throws {
        let logits = Parameter("logits", try Tensor([0, 1, 2, .nan, .infinity, -Float.infinity], [1, 2, 3]))
        let loss = try logits.tensor.connectionistTemporalClassificationLoss([[2]], inputLengths: [1])
        let sum = 1 + exp(1.0) + exp(2.0)
        expectClose(try loss.floats(), [log(sum) - 2], 1e-6, "loss")
        try loss.backward()
        let slopes = [1 / sum, exp(1.0) / sum, exp(2.0) / sum - 1, 0, 0, 0]
        expectClose(try #require(logits.gradient).floats(), slopes, 1e-6, "derivative")
    }

    @Test func errorsNameTheLabelAndTheLength() throws {
        let logits = try Tensor.zeros([1, 3, 4])
        func message(_ targets: [[Int32]], _ lengths: [Int], blank: Int32 = 0) -> String {
            do throws(TensorError) {
                _ = try logits.connectionistTemporalClassificationLoss(
                    targets,
                    inputLengths: lengths,
                    blank: blank
                )
                return "none"
            } catch { return "\(error)" }
        }
        #expect(message([[1, 77]], [3]).contains("77"))
        #expect(message([[-5]], [3]).contains("-5"))
        #expect(message([[Int32.min]], [3]).contains("\(Int32.min)"))
        #expect(message([[1]], [-8]).contains("-8"))
        #expect(message([[1]], [3], blank: 19).contains("19"))
        #expect(message([[1], [2]], [3]) != "none")
    }

    // MARK: Cross entropy

    /// A class that was ruled out has no chance, and nothing is expected of it.
    ///
    /// The limit of `w·ln p` for `w = 0` is 0, not `0 · ∞`.
    @Test func aClassThatIsRuledOutDoesNotSpoilTheLoss() throws {
        let logits = Parameter("logits", try Tensor([0, -Float.infinity, 1], [1, 3]))
        let loss = try logits.tensor.crossEntropy([0])
        expectClose(try loss.floats(), [log(1 + exp(1.0))], 1e-6, "loss")
        try loss.backward()
        let share = exp(1.0) / (1 + exp(1.0))
        expectClose(try #require(logits.gradient).floats(), [-share, 0, share], 1e-6, "derivative")
        #expect(try logits.value.crossEntropy([1]).item() == .infinity)
    }

    /// As PyTorch's default, -100, and without a look at what the rows hold.
    @Test func ignoredRowsMayBeAnything() throws {
        let logits = Parameter("logits", try Tensor([.nan, .infinity, 0, 0], [2, 2]))
        let loss = try logits.tensor.crossEntropy([-100, 1], ignoring: -100, smoothing: .standard(0.1))
        expectClose(try loss.floats(), [log(2.0)], 1e-6, "loss")
        try loss.backward()
        expectClose(try #require(logits.gradient).floats(), [0, 0, 0.45, -0.45], 1e-6, "derivative")
        let none = try logits.tensor.crossEntropy([-100, -100], ignoring: -100)
        #expect(try none.item() == 0)
    }

    @Test(arguments: [Float(0), 0.1, 0.7])
    func theSharelessSmoothingHasItsDerivative(_ smoothing: Float) throws {
        var random = SeededRandom(seed: 83)
        let (classes, targets) = (7, [Int32(6), 3, 0, 3, 1])
        try checkOperation([.random([5, classes], &random, range: 4)]) { numbers in
            var (total, count) = (0.0, 0.0)
            for (row, target) in targets.enumerated() where target != 3 {
                let line = numbers[0][row * classes..<(row + 1) * classes]
                let logSum = log(line.reduce(0) { $0 + exp($1) })
                for (index, value) in line.enumerated() {
                    let isRight = index == Int(target)
                    let weight = isRight ? 1 - Double(smoothing) : Double(smoothing) / Double(classes)
                    total -= weight * (value - logSum)
                }
                count += 1
            }
            return [total / count]
        } operation: {
            try $0[0].crossEntropy(targets, ignoring: 3, smoothing: .withoutTargetShare(smoothing))
        }
    }

    /// The expectations are the best prediction, up to their sum; with them the loss is the least there is, and has no
    /// slope: 1.0846 for 2,000 classes.
    @Test func theLeastLossOfTheSharelessSmoothingIsItsEntropy() throws {
        let classes = 2000
        var weights = [Double](repeating: 0.1 / Double(classes), count: classes)
        weights[1234] = 0.9
        let total = weights.reduce(0, +)
        let logits = Parameter("logits", try Tensor(weights.map { Float(log($0)) }, [1, classes]))
        let loss = try logits.tensor.crossEntropy([1234], smoothing: .withoutTargetShare(0.1))
        let least = weights.reduce(0) { $0 - $1 * log($1 / total) }
        #expect(abs(least - 1.0846) < 1e-4)
        expectClose(try loss.floats(), [least], 1e-5, "loss")
        try loss.backward()
        #expect(try #require(logits.gradient).floats().allSatisfy { abs($0) < 1e-6 })
    }

    @Test(arguments: [-1, 4, Int32.min, .max])
    func errorsNameTheClass(_ id: Int32) throws {
        #expect(
            throws: TensorError.invalidArgument(
                operation: "cross entropy",
                reason: "the class \(id) is not among 4"
            )
        ) { try Tensor.zeros([1, 4]).crossEntropy([id], ignoring: 0) }
    }
}
