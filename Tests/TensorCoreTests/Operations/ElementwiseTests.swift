import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct ElementwiseTests {
    private func plain(_ function: UnaryFunction, _ x: Double) -> Double {
        switch function {
        case .exponential: exp(x)
        case .logarithm: log(x)
        case .squareRoot: x.squareRoot()
        case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
        case .silu: x / (1 + exp(-x))
        case .sigmoid: 1 / (1 + exp(-x))
        case .hyperbolicTangent: tanh(x)
        case .relu: max(0, x)
        }
    }

    @Test(arguments: UnaryFunction.allCases, [0, 1, 7, 33, 1000])
    func functionsAndTheirDerivativesMatchDoublePrecision(_ function: UnaryFunction, _ count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        var input = Input.random([count], &random, range: 5)
        if [.logarithm, .squareRoot].contains(function) { input.values = input.values.map { abs($0) + 0.1 } }
        if function == .relu { input.values = input.values.map { abs($0) < 0.01 ? 1 : $0 } }
        // A thousand central differences of a thousand numbers each would take long.
        if count > 100 {
            let result = try Tensor(input.values, input.shape).applying(function).floats()
            expectClose(result, input.values.map { plain(function, Double($0)) }, 1e-6, function.rawValue)
            return
        }
        try checkOperation([input]) {
            $0[0].map { plain(function, $0) }
        } operation: {
            try $0[0].applying(function)
        }
    }

    @Test func extremesStayExtreme() throws {
        let values: [Float] = [.infinity, -.infinity, .nan, 200, -200, 0]
        let x = try Tensor(values, [6])
        let exponential = try x.applying(.exponential).floats()
        #expect(exponential[0] == .infinity && exponential[1] == 0 && exponential[2].isNaN)
        #expect(exponential[3] == .infinity && exponential[4] == 0 && exponential[5] == 1)
        #expect(try x.sigmoid().floats()[4] >= 0)
        #expect(try x.gelu().floats()[2].isNaN)
        #expect(try x.applying(.relu).floats()[2].isNaN)
    }

    @Test(arguments: BinaryFunction.allCases)
    func pairsStretchToEachOther(_ function: BinaryFunction) throws {
        var random = SeededRandom(seed: 21)
        var right = Input.random([3, 1], &random)
        right.values = right.values.map { $0 + 2 }
        try checkOperation([.random([2, 1, 5], &random), right]) { numbers in
            var result: [Double] = []
            for i in 0..<2 {
                for j in 0..<3 {
                    for k in 0..<5 {
                        let (a, b) = (numbers[0][i * 5 + k], numbers[1][j])
                        switch function {
                        case .add: result.append(a + b)
                        case .subtract: result.append(a - b)
                        case .multiply: result.append(a * b)
                        case .divide: result.append(a / b)
                        }
                    }
                }
            }
            return result
        } operation: { inputs in
            switch function {
            case .add: try inputs[0].adding(inputs[1])
            case .subtract: try inputs[0].subtracting(inputs[1])
            case .multiply: try inputs[0].multiplying(inputs[1])
            case .divide: try inputs[0].divided(by: inputs[1])
            }
        }
    }

    @Test func viewsAreReadWhereTheyLie() throws {
        let x = try Tensor((0..<12).map(Float.init), [3, 4])
        let turned = try x.transposed()
        #expect(
            try turned.adding(turned).floats()
                == (0..<4).flatMap { c in (0..<3).map { Float(2 * ($0 * 4 + c)) } }
        )
        #expect(try turned.multiplying(x.reshaped(to: [4, 3])).shape == [4, 3])
    }

    @Test func integersAreNotComputedWith() throws {
        let ids = try Tensor([1, 2], [2]).converted(to: .int64)
        #expect(throws: TensorError.elementType(operation: "add", found: .int64, expected: .float32)) {
            try ids.adding(ids)
        }
    }
}
