import Glibc
import TestSupport
import Testing

@testable import TensorCore

/// A convolution as its definition says it.
struct PlainConvolution {
    var batch = 2
    var length: Int
    var inputs: Int
    var outputs: Int
    var taps: Int
    var stride = 1
    var before = 0
    var after = 0
    var groups = 1

    var outputLength: Int { max(0, (before + length + after - taps + stride) / stride) }
    var shapes: [Shape] { [[batch, length, inputs], [outputs, inputs / groups, taps], [outputs]] }

    /// All products that are added: `(result, input, weight)`.
    func forEach(_ body: (Int, Int, Int) -> Void) {
        let (ins, outs) = (inputs / groups, outputs / groups)
        guard before + length + after >= taps else { return }
        for b in 0..<batch {
            for t in 0..<outputLength {
                for o in 0..<outputs {
                    for c in 0..<ins {
                        for j in 0..<taps {
                            let frame = t * stride + j - before
                            guard (0..<length).contains(frame) else { continue }
                            body(
                                (b * outputLength + t) * outputs + o,
                                (b * length + frame) * inputs + o / outs * ins + c,
                                (o * ins + c) * taps + j
                            )
                        }
                    }
                }
            }
        }
    }

    func callAsFunction(_ x: [Double], _ weight: [Double], _ bias: [Double]?) -> [Double] {
        let frames = before + length + after >= taps ? batch * outputLength : 0
        var result = (0..<frames).flatMap { _ in bias ?? [Double](repeating: 0, count: outputs) }
        forEach { result[$0] += x[$1] * weight[$2] }
        return result
    }

    /// The adjoint: what comes out of the convolution goes in.
    func adjoint(_ x: [Double], _ weight: [Double], _ bias: [Double]?) -> [Double] {
        var result = (0..<batch * length).flatMap { _ in bias ?? [Double](repeating: 0, count: inputs) }
        forEach { result[$1] += x[$0] * weight[$2] }
        return result
    }
}

@Suite struct ConvolutionTests {
    static let cases = [
        PlainConvolution(length: 7, inputs: 3, outputs: 4, taps: 3),
        PlainConvolution(length: 23, inputs: 1, outputs: 5, taps: 10, stride: 5),
        PlainConvolution(length: 11, inputs: 4, outputs: 3, taps: 3, stride: 2, before: 1, after: 1),
        PlainConvolution(length: 10, inputs: 4, outputs: 3, taps: 2, stride: 2),
        PlainConvolution(length: 9, inputs: 2, outputs: 2, taps: 2, stride: 5, before: 3),
        PlainConvolution(length: 5, inputs: 3, outputs: 2, taps: 1),
        PlainConvolution(length: 1, inputs: 2, outputs: 2, taps: 3, before: 1, after: 1),
        PlainConvolution(length: 3, inputs: 2, outputs: 2, taps: 5),
        PlainConvolution(length: 0, inputs: 2, outputs: 2, taps: 3, before: 1, after: 2),
        PlainConvolution(batch: 0, length: 4, inputs: 2, outputs: 2, taps: 3),
        PlainConvolution(batch: 1, length: 4, inputs: 2, outputs: 1, taps: 2, before: 4, after: 3),
        // Groups.
        PlainConvolution(length: 13, inputs: 6, outputs: 4, taps: 4, before: 2, after: 2, groups: 2),
        PlainConvolution(length: 9, inputs: 4, outputs: 8, taps: 3, stride: 2, after: 1, groups: 4),
        PlainConvolution(batch: 1, length: 9, inputs: 8, outputs: 8, taps: 6, before: 3, after: 3, groups: 2),
        // Each channel on its own.
        PlainConvolution(length: 13, inputs: 5, outputs: 5, taps: 7, before: 3, after: 3, groups: 5),
        PlainConvolution(
            batch: 1,
            length: 5,
            inputs: 18,
            outputs: 18,
            taps: 11,
            before: 5,
            after: 5,
            groups: 18
        ),
        PlainConvolution(length: 15, inputs: 16, outputs: 16, taps: 7, before: 6, groups: 16),
        PlainConvolution(length: 12, inputs: 3, outputs: 3, taps: 3, stride: 2, before: 1, groups: 3),
        PlainConvolution(length: 4, inputs: 2, outputs: 2, taps: 2, before: 5, after: 3, groups: 2),
        PlainConvolution(length: 3, inputs: 1, outputs: 1, taps: 2),
        // Wider than a register, and long enough to be cut.
        PlainConvolution(batch: 1, length: 13, inputs: 2, outputs: 67, taps: 3, stride: 2, before: 1),
    ]

    @Test(arguments: cases.indices)
    func convolutionsMatchPlainLoops(_ index: Int) throws {
        let plain = Self.cases[index]
        var random = SeededRandom(seed: UInt64(index))
        try checkOperation(plain.shapes.map { Input.random($0, &random) }) {
            plain($0[0], $0[1], $0[2])
        } operation: {
            try $0[0].convolved(
                $0[1],
                bias: $0[2],
                stride: plain.stride,
                padding: (plain.before, plain.after),
                groupCount: plain.groups
            )
        }
    }

    @Test(arguments: Activation.allCases, [1, 2, 4])
    func convolutionsEndInTheirActivation(_ activation: Activation, _ groups: Int) throws {
        let plain = PlainConvolution(length: 6, inputs: 4, outputs: 4, taps: 3, after: 1, groups: groups)
        var random = SeededRandom(seed: 3)
        try checkOperation(plain.shapes.map { Input.random($0, &random) }) {
            plain($0[0], $0[1], $0[2]).map { plainActivation(activation, $0) }
        } operation: {
            let values = $0
            return try values[0].convolved(
                values[1],
                bias: values[2],
                padding: (0, 1),
                groupCount: groups,
                activation: activation
            )
        }
    }

    @Test func viewsThatAreNotContiguousAreRead() throws {
        let plain = PlainConvolution(length: 8, inputs: 3, outputs: 2, taps: 3, stride: 2)
        var random = SeededRandom(seed: 5)
        // [B, C, T] and [k, in, out], turned over.
        let inputs = [Input.random([2, 3, 8], &random), Input.random([3, 3, 2], &random)]
        try checkOperation(inputs) { numbers in
            var x = [Double](repeating: 0, count: 48)
            for b in 0..<2 {
                for c in 0..<3 { for t in 0..<8 { x[(b * 8 + t) * 3 + c] = numbers[0][(b * 3 + c) * 8 + t] } }
            }
            var weight = [Double](repeating: 0, count: 18)
            for j in 0..<3 {
                for c in 0..<3 {
                    for o in 0..<2 { weight[(o * 3 + c) * 3 + j] = numbers[1][(j * 3 + c) * 2 + o] }
                }
            }
            return plain(x, weight, nil)
        } operation: {
            try $0[0].transposed().convolved($0[1].transposed(0, 2), stride: 2)
        }
    }

    @Test(arguments: [
        (5, 2, 3, 3, 2, 1, 1), (1, 2, 2, 3, 2, 1, 1), (4, 3, 5, 3, 2, 1, 0), (6, 2, 2, 2, 5, 0, 4),
        (3, 4, 1, 5, 1, 2, 0), (2, 1, 1, 1, 1, 0, 0), (0, 2, 2, 3, 2, 1, 1), (1, 2, 2, 2, 1, 1, 0),
    ])
    func transposedConvolutionsAreAdjoint(
        _ length: Int,
        _ inputs: Int,
        _ outputs: Int,
        _ taps: Int,
        _ stride: Int,
        _ padding: Int,
        _ extra: Int
    ) throws {
        let spread = length == 0 ? 0 : (length - 1) * stride - 2 * padding + taps + extra
        let plain = PlainConvolution(
            length: spread,
            inputs: outputs,
            outputs: inputs,
            taps: taps,
            stride: stride,
            before: padding,
            after: padding
        )
        var random = SeededRandom(seed: UInt64(length + 10 * taps))
        let numbers = [
            Input.random([2, length, inputs], &random), Input.random([inputs, outputs, taps], &random),
            Input.random([outputs], &random),
        ]
        try checkOperation(numbers) {
            plain.adjoint($0[0], $0[1], $0[2])
        } operation: {
            try $0[0].transposeConvolved(
                $0[1],
                bias: $0[2],
                stride: stride,
                padding: padding,
                outputPadding: extra
            )
        }
    }

    /// Sizes at which BLAS and all threads take part; the sums are compared in double precision.
    @Test(arguments: [
        PlainConvolution(
            batch: 1,
            length: 301,
            inputs: 40,
            outputs: 72,
            taps: 3,
            stride: 2,
            before: 1,
            after: 1
        ),
        PlainConvolution(batch: 1, length: 200, inputs: 70, outputs: 80, taps: 2, stride: 2),
        PlainConvolution(batch: 2, length: 120, inputs: 66, outputs: 70, taps: 3),
        PlainConvolution(batch: 2, length: 700, inputs: 1, outputs: 96, taps: 10, stride: 5),
        PlainConvolution(
            batch: 2,
            length: 30,
            inputs: 96,
            outputs: 96,
            taps: 16,
            before: 8,
            after: 7,
            groups: 2
        ),
        PlainConvolution(
            batch: 2,
            length: 150,
            inputs: 70,
            outputs: 70,
            taps: 31,
            before: 15,
            after: 15,
            groups: 70
        ),
    ])
    func largeConvolutionsMatchPlainLoops(_ plain: PlainConvolution) throws {
        var random = SeededRandom(seed: 17)
        let inputs = plain.shapes.map { Input.random($0, &random) }
        let parameters = try inputs.map { Parameter("", try Tensor($0.values, $0.shape)) }
        let result = try parameters[0].tensor.convolved(
            parameters[1].tensor,
            bias: parameters[2].tensor,
            stride: plain.stride,
            padding: (plain.before, plain.after),
            groupCount: plain.groups
        )
        let numbers = inputs.map { $0.values.map(Double.init) }
        expectClose(try result.floats(), plain(numbers[0], numbers[1], numbers[2]), 1e-5, "value")
        let upstream = Input.random(result.shape, &random)
        try result.backward(upstream: Tensor(upstream.values, upstream.shape))
        let above = upstream.values.map(Double.init)
        var weight = [Double](repeating: 0, count: numbers[1].count)
        plain.forEach { weight[$2] += above[$0] * numbers[0][$1] }
        let gradients = try parameters.map { try $0.gradient?.floats() ?? [] }
        expectClose(gradients[0], plain.adjoint(above, numbers[1], nil), 1e-5, "derivative for the input")
        expectClose(gradients[1], weight, 1e-5, "derivative for the weight")
    }

    @Test func mismatchesNameTheOperationAndBothShapes() throws {
        let x = try Tensor.zeros([2, 9, 4])
        let weight = try Tensor.zeros([8, 4, 3])
        #expect(
            throws: TensorError.shapeMismatch(operation: "convolution", left: [2, 9, 4], right: [8, 4, 3])
        ) {
            try x.convolved(weight, groupCount: 2)
        }
        #expect(
            throws: TensorError.shapeMismatch(operation: "convolution bias", left: [8, 4, 3], right: [4])
        ) {
            try x.convolved(weight, bias: Tensor.zeros([4]))
        }
        #expect(throws: TensorError.self) { try x.convolved(weight, stride: 0) }
        #expect(throws: TensorError.self) {
            try x.transposeConvolved(weight, stride: 2, padding: 0, outputPadding: 0)
        }
        #expect(throws: TensorError.self) {
            try x.transposeConvolved(Tensor.zeros([4, 2, 3]), stride: 2, padding: 0, outputPadding: 2)
        }
    }
}

/// An activation in double precision.
func plainActivation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: x
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .relu: max(0, x)
    }
}
