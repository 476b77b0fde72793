import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct MatrixMultiplicationTests {
    /// `[m, k] · [k, n]`, plainly.
    private func product(
        _ a: ArraySlice<Double>,
        _ b: ArraySlice<Double>,
        _ m: Int,
        _ k: Int,
        _ n: Int
    ) -> [Double] {
        var result = [Double](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                for l in 0..<k {
                    result[i * n + j] += a[a.startIndex + i * k + l] * b[b.startIndex + l * n + j]
                }
            }
        }
        return result
    }

    @Test(arguments: [(1, 1, 1), (2, 3, 4), (5, 1, 3), (3, 7, 1), (4, 0, 2), (0, 3, 2), (17, 33, 9)])
    func productsMatchPlainLoops(_ m: Int, _ k: Int, _ n: Int) throws {
        var random = SeededRandom(seed: UInt64(m * 100 + k * 10 + n))
        let inputs = [Input.random([m, k], &random), Input.random([k, n], &random)]
        try checkOperation(inputs) {
            product($0[0][...], $0[1][...], m, k, n)
        } operation: {
            try $0[0].matrixMultiplied(by: $0[1])
        }
    }

    @Test func batchesStretchAndTransposedViewsAreRead() throws {
        var random = SeededRandom(seed: 7)
        let inputs = [Input.random([2, 3, 4, 5], &random), Input.random([3, 6, 5], &random)]
        try checkOperation(inputs) { numbers in
            (0..<6).flatMap { batch -> [Double] in
                let right = numbers[1][(batch % 3) * 30..<(batch % 3 + 1) * 30]
                var turned = [Double](repeating: 0, count: 30)
                for i in 0..<6 { for j in 0..<5 { turned[j * 6 + i] = right[right.startIndex + i * 5 + j] } }
                return product(numbers[0][batch * 20..<(batch + 1) * 20], turned[...], 4, 5, 6)
            }
        } operation: {
            try $0[0].matrixMultiplied(by: $0[1].transposed())
        }
    }

    @Test(arguments: Activation.allCases)
    func linearMapsEndInTheirActivation(_ activation: Activation) throws {
        var random = SeededRandom(seed: 3)
        let inputs = [
            Input.random([3, 2, 5], &random), Input.random([4, 5], &random), Input.random([4], &random),
        ]
        try checkOperation(inputs) { numbers in
            var turned = [Double](repeating: 0, count: 20)
            for i in 0..<4 { for j in 0..<5 { turned[j * 4 + i] = numbers[1][i * 5 + j] } }
            return product(numbers[0][...], turned[...], 6, 5, 4).enumerated().map { index, value in
                let x = value + numbers[2][index % 4]
                return switch activation {
                case .none: x
                case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
                case .silu: x / (1 + exp(-x))
                case .relu: max(0, x)
                }
            }
        } operation: {
            try $0[0].linear($0[1], bias: $0[2], activation: activation)
        }
    }

    @Test func mismatchesNameTheOperationAndBothShapes() throws {
        let left = try Tensor.zeros([2, 3])
        let right = try Tensor.zeros([4, 5])
        #expect(throws: TensorError.shapeMismatch(operation: "matmul", left: [2, 3], right: [4, 5])) {
            try left.matrixMultiplied(by: right)
        }
        #expect(
            "\(TensorError.shapeMismatch(operation: "matmul", left: [2, 3], right: [4, 5]))"
                == "matmul: the shapes [2, 3] and [4, 5] do not go together"
        )
    }

    @Test func largeProductsOnAllThreadsEqualSmallOnes() throws {
        var random = SeededRandom(seed: 11)
        let left = Input.random([301, 129], &random), right = Input.random([129, 257], &random)
        let whole = try Tensor(left.values, left.shape).matrixMultiplied(
            by: Tensor(right.values, right.shape)
        ).floats()
        let rows = try (0..<301).flatMap { row in
            try Tensor(Array(left.values[row * 129..<(row + 1) * 129]), [1, 129])
                .matrixMultiplied(by: Tensor(right.values, right.shape)).floats()
        }
        expectClose(whole, rows.map(Double.init), 1e-6, "product")
    }
}
