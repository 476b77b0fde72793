import Glibc
import TestSupport
import Testing

@testable import TensorCore

@Suite struct AttentionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var batch = 2
        var queries = 5
        var keys = 5
        var heads = 3
        var width = 4
        var lengths: [Int]?
        var isCausal = false
        var bias: String?
        var isGated = false

        var testDescription: String {
            "\(batch)×\(queries)×\(keys)×\(heads)×\(width) \(lengths ?? []) \(isCausal) \(bias ?? "") \(isGated)"
        }
    }

    static let cases: [Case] = [
        Case(), Case(lengths: [5, 2]), Case(lengths: [0, 3]), Case(isCausal: true),
        Case(queries: 2, keys: 6, isCausal: true), Case(queries: 7, keys: 3, isCausal: true),
        Case(queries: 1, keys: 1), Case(batch: 1, queries: 3, keys: 9, heads: 1, width: 1),
        Case(bias: "full"), Case(lengths: [4, 5], bias: "full", isGated: true),
        Case(queries: 3, keys: 6, bias: "full"), Case(bias: "relative"),
        Case(lengths: [5, 3], bias: "relative", isGated: true),
        Case(isCausal: true, bias: "relative", isGated: true),
        Case(queries: 1, keys: 1, bias: "relative", isGated: true),
    ]

    /// Plainly, with every weight.
    private func reference(_ c: Case, _ numbers: [[Double]]) -> [Double] {
        var result = [Double](repeating: 0, count: c.batch * c.queries * c.heads * c.width)
        func at(_ b: Int, _ t: Int, _ h: Int, _ count: Int) -> Int {
            ((b * count + t) * c.heads + h) * c.width
        }
        for b in 0..<c.batch {
            for h in 0..<c.heads {
                for q in 0..<c.queries {
                    var limit = c.lengths?[b] ?? c.keys
                    if c.isCausal { limit = min(limit, max(0, c.keys - c.queries + q + 1)) }
                    var scores: [Double] = []
                    for k in 0..<limit {
                        var score = 0.0
                        for d in 0..<c.width {
                            score +=
                                numbers[0][at(b, q, h, c.queries) + d] * numbers[1][at(b, k, h, c.keys) + d]
                        }
                        score *= 0.7
                        let gate = c.isGated ? numbers[4][(b * c.heads + h) * c.queries + q] : 1
                        switch c.bias {
                        case "full": score += gate * numbers[3][(h * c.queries + q) * c.keys + k]
                        case "relative": score += gate * numbers[3][h * (2 * c.keys - 1) + k - q + c.keys - 1]
                        default: break
                        }
                        scores.append(score)
                    }
                    let largest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - largest) }
                    let sum = weights.reduce(0, +)
                    for (k, weight) in weights.enumerated() {
                        for d in 0..<c.width {
                            result[at(b, q, h, c.queries) + d] +=
                                weight / sum * numbers[2][at(b, k, h, c.keys) + d]
                        }
                    }
                }
            }
        }
        return result
    }

    private func inputs(_ c: Case, _ random: inout SeededRandom) -> [Input] {
        var inputs: [Input] = [
            .random([c.batch, c.queries, c.heads, c.width], &random),
            .random([c.batch, c.keys, c.heads, c.width], &random),
            .random([c.batch, c.keys, c.heads, c.width], &random),
        ]
        if c.bias == "full" { inputs.append(.random([c.heads, c.queries, c.keys], &random)) }
        if c.bias == "relative" { inputs.append(.random([c.heads, 2 * c.keys - 1], &random)) }
        if c.isGated { inputs.append(.random([c.batch, c.heads, c.queries], &random)) }
        return inputs
    }

    private func attention(_ c: Case, _ x: [Tensor]) throws -> Tensor {
        let gate = c.isGated ? x[4] : nil
        let bias: AttentionBias? =
            switch c.bias {
            case "full": .full(x[3], gate: gate)
            case "relative": .relative(x[3], gate: gate)
            default: nil
            }
        return try Tensor.attention(
            query: x[0],
            key: x[1],
            value: x[2],
            scale: 0.7,
            keyLengths: c.lengths,
            isCausal: c.isCausal,
            bias: bias
        )
    }

    @Test(arguments: cases)
    func valuesAndDerivativesMatchPlainAttention(_ c: Case) throws {
        var random = SeededRandom(seed: 17)
        try checkOperation(inputs(c, &random)) {
            reference(c, $0)
        } operation: {
            try attention(c, $0)
        }
    }

    @Test func tilesDoNotShow() throws {
        let c = Case(
            batch: 1,
            queries: 150,
            keys: 150,
            heads: 2,
            width: 8,
            lengths: [141],
            bias: "relative",
            isGated: true
        )
        var random = SeededRandom(seed: 23)
        let inputs = inputs(c, &random)
        let result = try attention(c, try inputs.map { try Tensor($0.values, $0.shape) }).floats()
        expectClose(result, reference(c, inputs.map { $0.values.map(Double.init) }), 1e-5, "value")
    }

    @Test func aPackedProjectionIsReadInPlace() throws {
        let c = Case(batch: 2, queries: 4, keys: 4, heads: 2, width: 3)
        var random = SeededRandom(seed: 29)
        let packed = Input.random([2, 4, 18], &random)
        try checkOperation([packed]) { numbers in
            let parts = (0..<3).map { part in
                (0..<8).flatMap { row in (0..<6).map { numbers[0][row * 18 + part * 6 + $0] } }
            }
            return reference(c, parts)
        } operation: { x in
            let parts = try (0..<3).map { part in
                try x[0].sliced(axis: 2, part * 6..<(part + 1) * 6).reshaped(to: [2, 4, 2, 3])
            }
            return try attention(c, parts)
        }
    }

    @Test func mismatchesAreErrors() throws {
        let x = try Tensor.zeros([1, 2, 3, 4])
        #expect(
            throws: TensorError.shapeMismatch(
                operation: "attention",
                left: [1, 2, 3, 4],
                right: [1, 2, 2, 4]
            )
        ) {
            try Tensor.attention(query: x, key: .zeros([1, 2, 2, 4]), value: .zeros([1, 2, 2, 4]), scale: 1)
        }
        #expect(throws: TensorError.self) {
            try Tensor.attention(query: x, key: x, value: x, scale: 1, keyLengths: [1, 2])
        }
    }
}
