import Glibc
import TestSupport
import Testing

@testable import TensorCore

/// What attention, softmax and rotation do at the edges of what they take.
@Suite struct AttentionEdgeTests {
    private func tensor(_ shape: Shape, seed: UInt64 = 1) throws -> Tensor {
        var random = SeededRandom(seed: seed)
        return try Tensor(Input.random(shape, &random).values, shape)
    }

    /// Half as wide elements would be read beyond their end.
    @Test func biasesAndGatesOfOtherElementsAreErrors() throws {
        let x = try tensor([1, 3, 1, 4])
        let (bias, gate) = (try tensor([1, 3, 3]), try tensor([1, 1, 3]))
        let cases: [(AttentionBias, String)] = [
            (.full(try bias.converted(to: .float16), gate: nil), "attention bias"),
            (.full(bias, gate: try gate.converted(to: .float16)), "attention gate"),
            (.relative(try tensor([1, 5]).converted(to: .bfloat16), gate: gate), "attention bias"),
        ]
        for (bias, operation) in cases {
            let found: ElementType = if case .full = bias { .float16 } else { .bfloat16 }
            #expect(
                throws: TensorError.elementType(operation: operation, found: found, expected: .float32)
            ) { try Tensor.attention(query: x, key: x, value: x, scale: 1, bias: bias) }
        }
    }

    @Test(arguments: [[-1, 3], [3, 4], [3]])
    func lengthsOutsideOfTheKeysAreErrors(_ lengths: [Int]) throws {
        let x = try tensor([2, 3, 1, 4])
        #expect(throws: TensorError.self) {
            try Tensor.attention(query: x, key: x, value: x, scale: 1, keyLengths: lengths)
        }
    }

    @Test(arguments: [[0, 3, 2, 4], [2, 0, 2, 4], [2, 3, 0, 4], [2, 3, 2, 0]] as [Shape])
    func nothingAttendsToNothing(_ shape: Shape) throws {
        let x = Parameter("x", try tensor(shape))
        let result = try Tensor.attention(query: x.tensor, key: x.tensor, value: x.tensor, scale: 1)
        #expect(result.shape == shape)
        try result.backward(upstream: Tensor.full(1, shape))
        #expect(x.gradient?.shape == shape)
    }

    @Test func withoutKeysTheResultIsZero() throws {
        let query = Parameter("q", try tensor([2, 3, 2, 4]))
        let none = try Tensor.zeros([2, 0, 2, 4])
        let result = try Tensor.attention(query: query.tensor, key: none, value: none, scale: 1)
        #expect(try result.floats().allSatisfy { $0 == 0 })
        try result.sum().backward()
        #expect(try #require(query.gradient).floats().allSatisfy { $0 == 0 })
    }

    /// A layout that products of matrices can read, or cannot, in each of the three places.
    @Test(arguments: 0..<6, 0..<3)
    func viewsGiveWhatTheirCopiesGive(_ index: Int, _ place: Int) throws {
        let view: Tensor =
            switch index {
            case 0: try tensor([2, 3, 70, 8]).transposed(1, 2)
            case 1: try tensor([2, 70, 8, 3]).transposed(2, 3)
            case 2: try tensor([2, 1, 3, 8]).broadcast(to: [2, 70, 3, 8])
            case 3: try tensor([1, 70, 3, 8]).broadcast(to: [2, 70, 3, 8])
            case 4: try tensor([2, 70, 1, 8]).broadcast(to: [2, 70, 3, 8])
            default: try tensor([2, 70, 3, 3, 8]).sliced(axis: 2, 1..<2).reshaped(to: [2, 70, 3, 8])
            }
        let upstream = try tensor([2, 70, 3, 8], seed: 5)
        func attend(_ tensor: Tensor) throws -> [[Float]] {
            let others = try [2, 3].map { Parameter("\($0)", try self.tensor([2, 70, 3, 8], seed: $0)) }
            var inputs = others.map(\.tensor)
            inputs.insert(tensor, at: place)
            let result = try Tensor.attention(
                query: inputs[0],
                key: inputs[1],
                value: inputs[2],
                scale: 0.5,
                keyLengths: [70, 33],
                isCausal: true
            )
            try result.backward(upstream: upstream)
            return [try result.floats()] + (try others.map { try #require($0.gradient).floats() })
        }
        for (left, right) in zip(try attend(view), try attend(view.copied())) {
            expectClose(left, right.map(Double.init), 1e-6, "view \(index) in place \(place)")
        }
    }

    @Test func aBiasOfMinusInfinityIsAMask() throws {
        var values = [Float](repeating: 0, count: 25)
        for key in [0, 1, 2, 3, 4, 7] { values[key] = -.infinity }
        let x = Parameter("x", try tensor([1, 5, 1, 4]))
        let bias = Parameter("bias", try Tensor(values, [1, 5, 5]))
        let result = try Tensor.attention(
            query: x.tensor,
            key: x.tensor,
            value: x.tensor,
            scale: 1,
            bias: .full(bias.tensor, gate: nil)
        )
        #expect(try result.floats()[0..<4].allSatisfy { $0 == 0 })
        #expect(try result.floats().allSatisfy { $0.isFinite })
        try result.sum().backward()
        let slopes = try #require(bias.gradient).floats()
        #expect([0, 1, 2, 3, 4, 7].allSatisfy { slopes[$0] == 0 })
        #expect(slopes[5] != 0 && slopes.allSatisfy { $0.isFinite })
        #expect(try #require(x.gradient).floats().allSatisfy { $0.isFinite })
    }

    /// The sums of earlier blocks of keys shrink to nothing, or make nothing of later ones.
    @Test(arguments: [-Float.infinity, -200, 200])
    func blocksOfKeysMayLieFarApart(_ level: Float) throws {
        let count = 1300
        let bias = (0..<count).map { $0 < 700 ? level : 0 }
        let (query, key) = (try tensor([1, 1, 1, 8]), try tensor([1, count, 1, 8], seed: 2))
        let value = Parameter("value", try tensor([1, count, 1, 8], seed: 3))
        let result = try Tensor.attention(
            query: query,
            key: key,
            value: value.tensor,
            scale: 1,
            bias: .full(Tensor(bias, [1, 1, count]), gate: nil)
        )
        let (q, k, v) = (try query.floats(), try key.floats(), try value.value.floats())
        let scores = (0..<count).map { index in
            (0..<8).reduce(Double(bias[index])) { $0 + Double(q[$1]) * Double(k[index * 8 + $1]) }
        }
        let largest = scores.max() ?? 0
        let sum = scores.reduce(0) { $0 + exp($1 - largest) }
        let weights = scores.map { exp($0 - largest) / sum }
        let expected = (0..<8).map { feature in
            (0..<count).reduce(0) { $0 + weights[$1] * Double(v[$1 * 8 + feature]) }
        }
        expectClose(try result.floats(), expected, 1e-5, "value")
        try result.sum().backward()
        let slopes = (0..<count * 8).map { weights[$0 / 8] }
        expectClose(try value.gradient?.floats() ?? [], slopes, 1e-5, "derivative")
    }

    @Test func derivativesAreTheSameBitForBitEveryTime() throws {
        func derivatives() throws -> [[Float]] {
            let shapes: [Shape] = [
                [3, 150, 4, 16], [3, 150, 4, 16], [4, 299], [3, 4, 150], [4, 150, 150],
            ]
            let parameters = try shapes.enumerated().map {
                Parameter("\($0)", try tensor($1, seed: UInt64($0)))
            }
            let x = parameters.map(\.tensor)
            func attend(_ bias: AttentionBias) throws -> Tensor {
                let lengths = [150, 1, 77]
                return try Tensor.attention(
                    query: x[0],
                    key: x[1],
                    value: x[1],
                    scale: 0.3,
                    keyLengths: lengths,
                    bias: bias
                )
            }
            let result = try attend(.relative(x[2], gate: x[3])).adding(attend(.full(x[4], gate: x[3])))
            try result.backward(upstream: tensor(result.shape, seed: 9))
            return try parameters.map { try #require($0.gradient).floats() }
        }
        let first = try derivatives()
        for _ in 0..<3 { #expect(try derivatives() == first) }
    }

    @Test func aRowOfMinusInfinityHasNoWeightsAndNoNaN() throws {
        let row = Parameter("x", try Tensor([-.infinity, -.infinity, -.infinity, 0], [2, 2]))
        #expect(try row.value.softmax().floats() == [0, 0, 0, 1])
        let logarithms = try row.tensor.logSoftmax()
        #expect(try logarithms.floats() == [-.infinity, -.infinity, -.infinity, 0])
        try logarithms.backward(upstream: Tensor([1, 2, 3, 4], [2, 2]))
        #expect(try #require(row.gradient).floats() == [1, 2, 3, -3])
    }

    @Test(arguments: [0, -1, Float.nan, .infinity])
    func aBaseThatTurnsNothingIsAnError(_ base: Float) throws {
        #expect(throws: TensorError.self) { try tensor([1, 2, 1, 4]).rotated(base: base) }
    }
}
