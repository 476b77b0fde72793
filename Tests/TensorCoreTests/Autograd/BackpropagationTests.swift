import TestSupport
import Testing

@testable import TensorCore

@Suite struct BackpropagationTests {
    @Test func slicesAndWholesOfOneTensorAddUp() throws {
        var random = SeededRandom(seed: 2)
        try checkOperation([.random([4, 6], &random)]) { numbers in
            var result: [Double] = []
            for row in 0..<4 {
                for column in 0..<2 {
                    let at = row * 6 + column
                    let (a, b, c) = (numbers[0][at], numbers[0][at + 2], numbers[0][at + 4])
                    result.append(a * b + c * c + a)
                }
            }
            return result
        } operation: { inputs in
            let whole = try inputs[0].scaled(by: 1)
            let parts = try (0..<3).map { try whole.sliced(axis: 1, $0 * 2..<$0 * 2 + 2) }
            return try parts[0].multiplying(parts[1]).adding(parts[2].multiplying(parts[2])).adding(parts[0])
        }
    }

    @Test func concatenationAndTranspositionGiveBackWhatTheyTook() throws {
        var random = SeededRandom(seed: 3)
        try checkOperation([.random([2, 3], &random), .random([2, 2], &random)]) { numbers in
            var result: [Double] = []
            for column in 0..<5 {
                for row in 0..<2 {
                    let value = column < 3 ? numbers[0][row * 3 + column] : numbers[1][row * 2 + column - 3]
                    result.append(value * value)
                }
            }
            return result
        } operation: { inputs in
            let joined = try Tensor.concatenated(inputs, axis: 1).transposed()
            return try joined.multiplying(joined)
        }
    }

    @Test func repeatedPartsGetTheSumOfTheirDerivatives() throws {
        var random = SeededRandom(seed: 4)
        try checkOperation([.random([3, 1, 2], &random), .random([4, 1], &random)]) { numbers in
            var result: [Double] = []
            for i in 0..<3 {
                for j in 0..<4 {
                    for k in 0..<2 { result.append(numbers[0][i * 2 + k] / (2 + numbers[1][j])) }
                }
            }
            return result
        } operation: {
            try $0[0].divided(by: $0[1].scaled(by: 1, adding: 2))
        }
    }

    @Test func frozenParametersGetNoneAndLeaveNoGraph() throws {
        let frozen = Parameter("frozen", try Tensor([2], [1]), isTrainable: false)
        let result = try frozen.tensor.multiplying(frozen.tensor)
        #expect(!result.isTracked)
        #expect(throws: TensorError.graph(reason: "no trainable parameter is behind this tensor")) {
            try result.backward()
        }
    }

    @Test func nothingIsRecordedWithoutGradients() throws {
        let x = Parameter("x", try Tensor([2], [1]))
        #expect(try !withoutGradients { try x.tensor.scaled(by: 2) }.isTracked)
        #expect(try x.tensor.scaled(by: 2).isTracked)
    }

    @Test func aGraphIsWalkedOnce() throws {
        let x = Parameter("x", try Tensor([3], [1]))
        let y = try x.tensor.scaled(by: 2)
        try y.backward()
        #expect(try x.gradient?.floats() == [2])
        #expect(throws: TensorError.self) { try y.backward() }
    }

    @Test func aLongChainNeitherOverflowsTheStackNorLosesItsDerivative() throws {
        let x = Parameter("x", try Tensor([1], [1]))
        var y = x.tensor
        for _ in 0..<100_000 { y = try y.scaled(by: 1, adding: 1) }
        try y.backward()
        #expect(try x.gradient?.floats() == [1])
        var unused = x.tensor
        for _ in 0..<100_000 { unused = try unused.scaled(by: 1) }
    }

    @Test func recomputedPartsHaveTheSameDerivatives() throws {
        var random = SeededRandom(seed: 9)
        let weight = Parameter("w", try Tensor(Input.random([3, 3], &random).values, [3, 3]))
        let x = Parameter("x", try Tensor(Input.random([2, 3], &random).values, [2, 3]))
        try x.tensor.linear(weight.tensor, activation: .silu).sum().backward()
        let expected = try (x.gradient?.floats(), weight.gradient?.floats())
        (x.gradient, weight.gradient) = (nil, nil)
        let again = try recomputingGradients([x.tensor]) { inputs throws(TensorError) in
            try inputs[0].linear(weight.tensor, activation: .silu)
        }
        try again.sum().backward()
        #expect(try x.gradient?.floats() == expected.0)
        #expect(try weight.gradient?.floats() == expected.1)
    }
}
