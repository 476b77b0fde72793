import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct SoftmaxTests {
    private func weights(_ row: ArraySlice<Double>) -> [Double] {
        let largest = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - largest) }
        return row.map { exp($0 - largest) / sum }
    }

    @Test(arguments: [[3, 5], [1, 1], [2, 3, 17], [0, 4]], [false, true])
    func rowsMatchTheirDefinition(_ dimensions: [Int], _ isLogarithm: Bool) throws {
        var random = SeededRandom(seed: 31)
        let length = dimensions[dimensions.count - 1]
        try checkOperation([.random(Shape(dimensions), &random, range: 4)]) { numbers in
            stride(from: 0, to: numbers[0].count, by: length).flatMap { start in
                weights(numbers[0][start..<start + length]).map { isLogarithm ? log($0) : $0 }
            }
        } operation: {
            isLogarithm ? try $0[0].logSoftmax() : try $0[0].softmax()
        }
    }

    @Test func largeNumbersDoNotOverflow() throws {
        let x = try Tensor([1000, 1000, -1000, 0], [2, 2])
        #expect(try x.softmax().floats() == [0.5, 0.5, 0, 1])
        #expect(try x.logSoftmax().floats()[2] == -1000)
    }

    @Test func rotationsMatchPyTorch() throws {
        let file = try FixtureReader("mod_rope")
        for name in ["q", "k"] {
            let input = try file("in.\(name)")
            for (start, output) in [(0, "out.\(name)"), (5, "out.\(name)_offset5")] {
                // The file has [B, H, T, D].
                let x = try Tensor(input.values, input.shape).transposed(1, 2)
                let result = try x.rotated(start: start).transposed(1, 2).floats()
                expectClose(result, try file(output).values.map(Double.init), 1e-5, output)
            }
        }
    }

    @Test func rotationsAreTurnedBackByTheirDerivative() throws {
        var random = SeededRandom(seed: 37)
        try checkOperation([.random([2, 3, 2, 6], &random)]) { numbers in
            var result = numbers[0]
            for row in 0..<12 {
                let position = Double(row / 2 % 3 + 2)
                for i in 0..<3 {
                    let angle = position * pow(10_000, -2 * Double(i) / 6)
                    let (a, b) = (numbers[0][row * 6 + i], numbers[0][row * 6 + i + 3])
                    result[row * 6 + i] = a * cos(angle) - b * sin(angle)
                    result[row * 6 + i + 3] = b * cos(angle) + a * sin(angle)
                }
            }
            return result
        } operation: {
            try $0[0].rotated(start: 2)
        }
    }

    /// Tables of angles are kept and grow; a cached decoder asks for one position at a time.
    @Test(arguments: [0, 1, 255, 256, 700, 65_530, 200_000])
    func eachPositionTurnsByItsOwnAngle(_ start: Int) throws {
        let x = try Tensor([Float](repeating: 1, count: 2 * 10 * 4), [2, 10, 1, 4])
        let whole = try x.rotated(start: start).floats()
        for position in 0..<10 {
            let one = try x.sliced(axis: 1, position..<position + 1).rotated(start: start + position).floats()
            for row in 0..<2 {
                #expect(
                    one[row * 4..<row * 4 + 4]
                        == whole[(row * 10 + position) * 4..<(row * 10 + position) * 4 + 4]
                )
            }
            for pair in 0..<2 {
                let angle = Double(start + position) * pow(10_000, -Double(pair) / 2)
                let expected = [cos(angle) - sin(angle), cos(angle) + sin(angle)]
                expectClose([one[pair], one[pair + 2]], expected, 1e-6, "position \(start + position)")
            }
        }
    }

    @Test func aPositionBeforeTheFirstIsAnError() throws {
        #expect(throws: TensorError.self) { try Tensor.zeros([1, 2, 1, 4]).rotated(start: -1) }
    }
}
