import TestSupport
import Testing

@testable import TensorCore

@Suite struct ReductionTests {
    @Test(arguments: [[2, 3, 4], [1, 1, 1], [5, 0, 2], [3, 70, 9]], 0..<3)
    func sumsRunAlongTheirAxis(_ dimensions: [Int], _ axis: Int) throws {
        guard dimensions.reduce(1, *) < 200 || axis == 1 else { return }
        var random = SeededRandom(seed: UInt64(axis))
        let outer = dimensions.prefix(axis).reduce(1, *), inner = dimensions.dropFirst(axis + 1).reduce(1, *)
        try checkOperation([.random(Shape(dimensions), &random)]) { numbers in
            var result = [Double](repeating: 0, count: outer * inner)
            for o in 0..<outer {
                for a in 0..<dimensions[axis] {
                    for i in 0..<inner {
                        result[o * inner + i] += numbers[0][(o * dimensions[axis] + a) * inner + i]
                    }
                }
            }
            return result
        } operation: {
            try $0[0].sum(axis: axis)
        }
    }

    @Test func theMeanOfAllIsTheirSumDividedByTheirNumber() throws {
        var random = SeededRandom(seed: 5)
        try checkOperation([.random([3, 4], &random)]) {
            [$0[0].reduce(0, +) / 12]
        } operation: {
            try $0[0].mean()
        }
    }

    @Test func thirtyMillionSquaresAreNotLost() throws {
        let ones = try Tensor.full(1, [30_000_000])
        #expect(try ones.backend.sumOfSquares(ones) == 30_000_000)
    }
}
