import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct GatingTests {
    @Test(arguments: [(3, 4), (1, 1), (0, 2), (2, 0), (5, 19), (300, 40)])
    func theSecondHalfGatesTheFirst(_ rows: Int, _ columns: Int) throws {
        var random = SeededRandom(seed: UInt64(rows * 100 + columns))
        let input = Input.random([rows, 2 * columns], &random, range: 4)
        func reference(_ x: [Double]) -> [Double] {
            (0..<rows * columns).map { place in
                let first = place / max(1, columns) * 2 * columns + place % max(1, columns)
                return x[first] / (1 + exp(-x[first + columns]))
            }
        }
        if rows * columns < 1000 {
            try checkOperation([input]) {
                reference($0[0])
            } operation: {
                try $0[0].gatedLinearUnit()
            }
        } else {
            let result = try Tensor(input.values, input.shape).gatedLinearUnit().floats()
            expectClose(result, reference(input.values.map(Double.init)), 1e-6, "value")
        }
    }

    @Test(arguments: [[], [3], [2, 0, 3], [2, 5, 7]] as [Shape])
    func oneTensorGatesAnother(_ shape: Shape) throws {
        var random = SeededRandom(seed: 2)
        let inputs = [Input.random(shape, &random, range: 4), Input.random(shape, &random)]
        try checkOperation(inputs) { numbers in
            zip(numbers[0], numbers[1]).map { $0 / (1 + exp(-$0)) * $1 }
        } operation: {
            try $0[0].siluGated(by: $0[1])
        }
    }

    @Test func viewsAreGated() throws {
        var random = SeededRandom(seed: 3)
        try checkOperation([Input.random([3, 8], &random)]) { numbers in
            (0..<12).map { place in
                let first = place / 4 * 8 + place % 4
                return numbers[0][first] / (1 + exp(-numbers[0][first])) * numbers[0][first + 4]
            }
        } operation: {
            try $0[0].sliced(axis: 1, 0..<4).siluGated(by: $0[0].sliced(axis: 1, 4..<8))
        }
    }

    @Test func onlyWhatIsTrackedGetsADerivative() throws {
        let plain = try Tensor([1, 2], [2])
        let (first, second) = (
            Parameter("a", try Tensor([3, 4], [2])), Parameter("b", try Tensor([5, 6], [2]))
        )
        try first.tensor.siluGated(by: plain).sum().backward()
        try plain.siluGated(by: second.tensor).sum().backward()
        expectClose(
            try first.gradient?.floats() ?? [],
            [3, 4].enumerated().map { index, x in
                let s = 1 / (1 + exp(-x))
                return s * (1 + x * (1 - s)) * Double(index + 1)
            },
            1e-6,
            "first"
        )
        expectClose(try second.gradient?.floats() ?? [], [1, 2].map { $0 / (1 + exp(-$0)) }, 1e-6, "second")
    }

    @Test(arguments: [nil, [3, 1], [0, 3], [0, 0]] as [[Int]?])
    func framesBeyondTheLengthBecomeZero(_ lengths: [Int]?) throws {
        var random = SeededRandom(seed: 4)
        try checkOperation([Input.random([2, 3, 5, 2], &random)]) { numbers in
            numbers[0].enumerated().map { $0 % 30 / 10 < lengths?[$0 / 30] ?? 3 ? $1 : 0 }
        } operation: {
            try $0[0].maskingFrames(beyond: lengths)
        }
    }

    /// Zero times infinity would be no number: padding is overwritten, not multiplied.
    @Test func whatIsMaskedMayBeAnything() throws {
        let x = try Tensor([1, .nan, .infinity, 4], [2, 2])
        #expect(try x.maskingFrames(beyond: [1, 0]).floats() == [1, 0, 0, 0])
    }

    @Test func mismatchesNameTheOperationAndTheShapes() throws {
        let x = try Tensor.zeros([2, 3])
        #expect(throws: TensorError.self) { try x.gatedLinearUnit() }
        #expect(throws: TensorError.shapeMismatch(operation: "silu gate", left: [2, 3], right: [3])) {
            try x.siluGated(by: Tensor.zeros([3]))
        }
        #expect(throws: TensorError.self) { try x.maskingFrames(beyond: [1]) }
        #expect(throws: TensorError.self) { try x.maskingFrames(beyond: [1, 4]) }
        #expect(throws: TensorError.self) { try x.maskingFrames(beyond: [-1, 1]) }
    }
}
