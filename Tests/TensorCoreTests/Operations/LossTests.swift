import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct LossTests {
    // MARK: CTC

    private func labels(_ padded: [Int], _ lengths: [Int]) -> [[Int32]] {
        let width = lengths.isEmpty ? 0 : padded.count / lengths.count
        return lengths.enumerated().map { row, length in
            padded[row * width..<row * width + length].map { Int32($0) }
        }
    }

    @Test(arguments: ["mixed", "impossible_only", "one_frame", "zero_input_len"])
    func ctcMatchesPyTorch(_ name: String) throws {
        let file = try FixtureReader("loss_ctc")
        let input = try file("ctc.\(name).logits")
        let lengths = try file.integers("ctc.\(name).input_lengths")
        let targets = labels(
            try file.integers("ctc.\(name).targets_padded"),
            try file.integers("ctc.\(name).target_lengths")
        )
        for (reduction, loss, gradient) in [
            (LossReduction.none, "loss_none", "grad_logits_none"), (.sum, "loss_sum", "grad_logits_none"),
            (.mean, "loss_mean", "grad_logits_mean"),
        ] {
            let logits = Parameter("logits", try Tensor(input.values, input.shape))
            let result = try logits.tensor.connectionistTemporalClassificationLoss(
                targets,
                inputLengths: lengths,
                reduction: reduction
            )
            expectClose(
                try result.floats(),
                try file("ctc.\(name).\(loss)").values.map(Double.init),
                1e-5,
                loss
            )
            try result.backward(upstream: Tensor.full(1, result.shape))
            let expected = try file("ctc.\(name).\(gradient)").values.map(Double.init)
            expectClose(try #require(logits.gradient).floats(), expected, 3e-5, gradient)
        }
    }

    /// The definition: the sum over all paths that collapse to the labels.
    private func bruteForce(_ logits: [Double], _ frames: Int, _ classes: Int, _ labels: [Int]) -> Double {
        var weights: [Double] = []
        for frame in 0..<frames {
            let row = logits[frame * classes..<(frame + 1) * classes].map { exp($0) }
            weights += row.map { $0 / row.reduce(0, +) }
        }
        var total = 0.0
        func walk(_ frame: Int, _ product: Double, _ path: [Int]) {
            guard frame < frames else {
                var collapsed: [Int] = []
                for (index, label) in path.enumerated()
                where label != 0 && (index == 0 || path[index - 1] != label) {
                    collapsed.append(label)
                }
                if collapsed == labels { total += product }
                return
            }
            for label in 0..<classes {
                walk(frame + 1, product * weights[frame * classes + label], path + [label])
            }
        }
        walk(0, 1, [])
        return -log(total)
    }

    @Test(arguments: [[1], [1, 2], [1, 1], [], [2, 1, 2]])
    func ctcIsTheSumOverAllPaths(_ target: [Int]) throws {
        var random = SeededRandom(seed: 41)
        try checkOperation([.random([1, 5, 3], &random, range: 2)]) { numbers in
            [bruteForce(numbers[0], 5, 3, target)]
        } operation: {
            try $0[0].connectionistTemporalClassificationLoss(
                [target.map { Int32($0) }],
                inputLengths: [5],
                reduction: .none
            )
        }
    }

    @Test func rowsOfABatchKeepToTheirLengthsAndFactors() throws {
        var random = SeededRandom(seed: 71)
        let targets = [[1, 2], [2], [1, 1, 1]]
        let lengths = [4, 2, 4]
        try checkOperation([.random([3, 5, 3], &random, range: 2)]) { numbers in
            targets.enumerated().map { row, target in
                // Three equal labels need five frames: an impossible row.
                row == 2
                    ? 0 : bruteForce(Array(numbers[0][row * 15..<row * 15 + 15]), lengths[row], 3, target)
            }
        } operation: {
            try $0[0].connectionistTemporalClassificationLoss(
                targets.map { $0.map { Int32($0) } },
                inputLengths: lengths,
                reduction: .none
            )
        }
    }

    /// The derivative of a softmax adds up to 0 in every frame, however unlikely all ways are.
    @Test func longAndUnlikelySequencesStayFinite() throws {
        var random = SeededRandom(seed: 73)
        let (frames, classes) = (1500, 40)
        let labels = (0..<300).map { Int32(1 + $0 * 7 % 39) }
        var values = Input.random([2, frames, classes], &random, range: 30).values
        // Frames that know for sure, and are wrong.
        for frame in 0..<frames { values[frame * classes] += 200 }
        let logits = Parameter("logits", try Tensor(values, [2, frames, classes]))
        let loss = try logits.tensor.connectionistTemporalClassificationLoss(
            [labels, labels],
            inputLengths: [frames, frames - 100],
            reduction: .none
        )
        #expect(try loss.floats().allSatisfy { $0.isFinite && $0 > 0 })
        try loss.sum().backward()
        let slopes = try #require(logits.gradient).floats()
        for row in 0..<2 * frames {
            let sum = slopes[row * classes..<(row + 1) * classes].reduce(0, +)
            #expect(abs(sum) < 2e-4, "frame \(row)")
        }
        #expect(slopes.suffix(100 * classes).allSatisfy { $0 == 0 })
    }

    @Test func notANumberIsNotHidden() throws {
        let logits = Parameter("logits", try Tensor([0, .nan, 1, 2, 3, 4], [1, 2, 3]))
        let loss = try logits.tensor.connectionistTemporalClassificationLoss([[1]], inputLengths: [2])
        #expect(try loss.item().isNaN)
        #expect(try logits.tensor.reshaped(to: [2, 3]).crossEntropy([0, 1]).item().isNaN)
        try loss.backward()
        #expect(try #require(logits.gradient).floats().contains { $0.isNaN })
    }

    @Test func theLossIsTheSameWhetherItsDerivativeIsAskedForOrNot() throws {
        var random = SeededRandom(seed: 79)
        let input = Input.random([2, 6, 9], &random, range: 4)
        let logits = Parameter("logits", try Tensor(input.values, input.shape))
        let targets: [[Int32]] = [[1, 2], [3]]
        func losses(_ x: Tensor) throws -> [Float] {
            let ctc = try x.connectionistTemporalClassificationLoss(targets, inputLengths: [6, 5])
            let entropy = try x.crossEntropy([0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2], smoothing: .standard(0.1))
            return [try ctc.item(), try entropy.item()]
        }
        expectClose(try losses(logits.value), try losses(logits.tensor).map(Double.init), 1e-6, "losses")
    }

    @Test func wrongLabelsAndLengthsAreErrors() throws {
        let logits = try Tensor.zeros([1, 3, 4])
        #expect(throws: TensorError.self) {
            try logits.connectionistTemporalClassificationLoss([[4]], inputLengths: [3])
        }
        #expect(throws: TensorError.self) {
            try logits.connectionistTemporalClassificationLoss([[0]], inputLengths: [3])
        }
        #expect(throws: TensorError.self) {
            try logits.connectionistTemporalClassificationLoss([[1]], inputLengths: [4])
        }
        let impossible = try logits.connectionistTemporalClassificationLoss(
            [[1, 1]],
            inputLengths: [2],
            zeroInfinity: false
        )
        #expect(try impossible.item() == .infinity)
    }

    // MARK: Cross entropy

    @Test(arguments: [("s010", Float(0.1), false), ("s000", 0, false), ("s010_allpad", 0.1, true)])
    func crossEntropyMatchesPyTorch(_ name: String, _ smoothing: Float, _ isPadding: Bool) throws {
        let file = try FixtureReader("loss_label_smoothing")
        let input = try file("ce.logits")
        let targets =
            isPadding ? [Int32](repeating: 0, count: 18) : try file.integers("ce.targets").map { Int32($0) }
        let logits = Parameter("logits", try Tensor(input.values, input.shape))
        let loss = try logits.tensor.crossEntropy(
            targets,
            ignoring: 0,
            smoothing: .withoutTargetShare(smoothing)
        )
        expectClose(try loss.floats(), try file("ce.\(name).loss").values.map(Double.init), 1e-5, "loss")
        try loss.backward()
        let expected = try file("ce.\(name).grad_logits").values.map(Double.init)
        expectClose(try #require(logits.gradient).floats(), expected, 3e-5, "derivative")
    }

    @Test func standardSmoothingExpectsOneInAll() throws {
        var random = SeededRandom(seed: 43)
        let targets: [Int32] = [2, 0, 1]
        try checkOperation([.random([3, 4], &random, range: 3)]) { numbers in
            let rows = (0..<3).map { row -> Double in
                let line = numbers[0][row * 4..<row * 4 + 4]
                let logSum = log(line.reduce(0) { $0 + exp($1) })
                return line.enumerated().reduce(0) { sum, element in
                    let weight = 0.05 + (element.offset == Int(targets[row]) ? 0.8 : 0)
                    return sum - weight * (element.element - logSum)
                }
            }
            return [rows.reduce(0, +) / 3]
        } operation: {
            try $0[0].crossEntropy(targets, smoothing: .standard(0.2))
        }
    }

    @Test func classesThatDoNotExistAreErrors() throws {
        #expect(
            throws: TensorError.invalidArgument(
                operation: "cross entropy",
                reason: "the class 7 is not among 4"
            )
        ) { try Tensor.zeros([2, 4]).crossEntropy([1, 7]) }
    }

    /// The loss of VoxFormer: both, weighted.
    @Test(arguments: [("warm", Float(0.4)), ("last_warm", 0.4), ("main", 0.3)])
    func theHybridLossMatchesPyTorch(_ name: String, _ weight: Float) throws {
        let file = try FixtureReader("loss_hybrid")
        let encoder = try file("hybrid.ctc_logits"), decoder = try file("hybrid.decoder_logits")
        let targets = try file.integers("hybrid.targets"),
            lengths = try file.integers("hybrid.target_lengths")
        let width = targets.count / lengths.count
        let first = Parameter("ctc", try Tensor(encoder.values, encoder.shape))
        let second = Parameter("ce", try Tensor(decoder.values, decoder.shape))
        let ctc = try first.tensor.connectionistTemporalClassificationLoss(
            lengths.enumerated().map { row, length in (1...length).map { Int32(targets[row * width + $0]) } },
            inputLengths: try file.integers("hybrid.encoder_lengths")
        )
        let next = (0..<lengths.count).flatMap { row in (1..<width).map { Int32(targets[row * width + $0]) } }
        let entropy = try second.tensor.sliced(axis: 1, 0..<width - 1)
            .crossEntropy(next, ignoring: 0, smoothing: .withoutTargetShare(0.1))
        expectClose(try ctc.floats(), try file("hybrid.\(name).ctc").values.map(Double.init), 1e-5, "ctc")
        expectClose(try entropy.floats(), try file("hybrid.\(name).ce").values.map(Double.init), 1e-5, "ce")
        let loss = try ctc.scaled(by: weight).adding(entropy.scaled(by: 1 - weight))
        expectClose(try loss.floats(), try file("hybrid.\(name).loss").values.map(Double.init), 1e-5, "loss")
        try loss.backward()
        for (parameter, key) in [(first, "grad_ctc_logits"), (second, "grad_decoder_logits")] {
            let expected = try file("hybrid.\(name).\(key)").values.map(Double.init)
            expectClose(try #require(parameter.gradient).floats(), expected, 3e-5, key)
        }
    }
}
