import TestSupport
import Testing

@testable import TensorCore

/// Sizes at which tiles of queries and blocks of keys end in the middle, against attention in single steps.
@Suite struct AttentionTilingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var batch = 2
        var queries: Int
        var keys: Int
        var lengths: [Int]?
        var isCausal = false
        var bias: String?
        var isGated = false
        var probability: Float = 0

        let heads = 2
        let width = 8

        var testDescription: String {
            "\(queries)×\(keys) \(lengths ?? []) \(isCausal) \(bias ?? "") \(isGated) \(probability)"
        }

        var dropout: DropoutKey? {
            probability > 0 ? DropoutKey(probability: probability, seed: 3, stream: 8) : nil
        }
    }

    static let cases = [
        Case(queries: 150, keys: 700, lengths: [700, 513], isCausal: true, bias: "full", isGated: true),
        Case(queries: 260, keys: 260, lengths: [260, 131], bias: "relative", isGated: true),
        Case(queries: 129, keys: 129, bias: "relative"),
        Case(batch: 1, queries: 300, keys: 300, isCausal: true, bias: "relative", isGated: true),
        Case(queries: 40, keys: 20, isCausal: true), Case(queries: 1, keys: 600, probability: 0.5),
        Case(queries: 260, keys: 260, lengths: [1, 257], bias: "relative", isGated: true, probability: 0.2),
        Case(queries: 17, keys: 530, isCausal: true, bias: "full", probability: 0.4),
    ]

    private func parameters(_ c: Case) throws -> [Parameter] {
        var random = SeededRandom(seed: 61)
        var shapes: [Shape] = [
            [c.batch, c.queries, c.heads, c.width], [c.batch, c.keys, c.heads, c.width],
            [c.batch, c.keys, c.heads, c.width],
        ]
        if c.bias == "full" { shapes.append([c.heads, c.queries, c.keys]) }
        if c.bias == "relative" { shapes.append([c.heads, 2 * c.keys - 1]) }
        if c.isGated { shapes.append([c.batch, c.heads, c.queries]) }
        return try shapes.map { shape in
            Parameter("x", try Tensor(Input.random(shape, &random, range: 2).values, shape))
        }
    }

    private func bias(_ c: Case, _ x: [Tensor]) -> AttentionBias? {
        let gate = c.isGated ? x[4] : nil
        return switch c.bias {
        case "full": .full(x[3], gate: gate)
        case "relative": .relative(x[3], gate: gate)
        default: nil
        }
    }

    /// 0 for what a query sees, else far below every score.
    private func mask(_ c: Case) throws -> Tensor {
        var values: [Float] = []
        for b in 0..<c.batch {
            for q in 0..<c.queries {
                let causal = c.isCausal ? c.keys - c.queries + q + 1 : c.keys
                let limit = min(c.lengths?[b] ?? c.keys, causal)
                values += (0..<c.keys).map { $0 < limit ? 0 : -1e30 }
            }
        }
        return try Tensor(values, [c.batch, 1, c.queries, c.keys])
    }

    /// What weights are multiplied by, `[B, H, Tq, Tk]`.
    private func factors(_ c: Case, _ x: [Tensor]) throws -> Tensor {
        let problem = AttentionProblem(
            query: x[0],
            key: x[1],
            value: x[2],
            scale: 1,
            keyLengths: [Int](repeating: c.keys, count: c.batch),
            isCausal: false,
            dropout: c.dropout
        )
        let plan = AttentionPlan(problem, scoresPerPair: 1)
        let result = try Tensor.full(1, [c.batch, c.heads, c.queries, c.keys])
        guard c.dropout != nil else { return result }
        for b in 0..<c.batch {
            for h in 0..<c.heads {
                let place = AttentionPlace(batch: b, head: h)
                let tile = AttentionTile(problem, plan, place, 0..<c.queries)
                for q in 0..<c.queries {
                    _ = tile.factors(q, 0..<c.keys, result.pointer + (tile.firstNumber + q) * c.keys)
                }
            }
        }
        return result
    }

    /// A query that sees nothing is left out: its weights are not defined here.
    private func stepByStep(_ c: Case, _ x: [Tensor]) throws -> Tensor {
        let heads = try x[0..<3].map { try $0.transposed(1, 2) }
        var scores = try heads[0].matrixMultiplied(by: heads[1].transposed()).scaled(by: 0.7)
        if let bias = bias(c, x) {
            var values = bias.values
            if case .relative = bias {
                let rows = try (0..<c.queries).map { q in
                    try values.sliced(axis: 1, c.keys - 1 - q..<2 * c.keys - 1 - q)
                        .reshaped(to: [c.heads, 1, c.keys])
                }
                values = try Tensor.concatenated(rows, axis: 1)
            }
            if let gate = bias.gate {
                values = try values.multiplying(gate.reshaped(to: [c.batch, c.heads, c.queries, 1]))
            }
            scores = try scores.adding(values)
        }
        let weights = try scores.adding(mask(c)).softmax().multiplying(factors(c, x))
        return try weights.matrixMultiplied(by: heads[2]).transposed(1, 2)
    }

    @Test(arguments: cases)
    func tilesAndBlocksDoNotShow(_ c: Case) throws {
        var random = SeededRandom(seed: 67)
        // The first queries of a causal attention with more queries than keys see nothing.
        let blind = c.isCausal ? max(0, c.queries - c.keys) : 0
        let shape: Shape = [c.batch, c.queries - blind, c.heads, c.width]
        let upstream = try Tensor(Input.random(shape, &random).values, shape)
        var results: [[Float]] = []
        var slopes: [[[Float]]] = []
        for isFused in [true, false] {
            let parameters = try parameters(c)
            let x = parameters.map(\.tensor)
            let result =
                isFused
                ? try Tensor.attention(
                    query: x[0],
                    key: x[1],
                    value: x[2],
                    scale: 0.7,
                    keyLengths: c.lengths,
                    isCausal: c.isCausal,
                    bias: bias(c, x),
                    dropout: c.dropout
                ) : try stepByStep(c, x)
            if isFused { #expect(try result.sliced(axis: 1, 0..<blind).floats().allSatisfy { $0 == 0 }) }
            let seen = try result.sliced(axis: 1, blind..<c.queries)
            results.append(try seen.floats())
            try seen.backward(upstream: upstream)
            slopes.append(try parameters.map { try #require($0.gradient).floats() })
        }
        expectClose(results[0], results[1].map(Double.init), 1e-5, "value")
        for (index, (left, right)) in zip(slopes[0], slopes[1]).enumerated() {
            expectClose(left, right.map(Double.init), 2e-5, "derivative of input \(index)")
        }
    }

    /// Threads take tasks in any order; no sum depends on it.
    @Test func derivativesAreTheSameBitsEachTime() throws {
        let c = Case(queries: 260, keys: 260, bias: "relative", isGated: true, probability: 0.1)
        let upstream = try Tensor.full(0.5, [c.batch, c.queries, c.heads, c.width])
        let runs = try (0..<3).map { _ in
            let parameters = try parameters(c)
            let x = parameters.map(\.tensor)
            try Tensor.attention(
                query: x[0],
                key: x[1],
                value: x[2],
                scale: 0.7,
                bias: bias(c, x),
                dropout: c.dropout
            ).backward(upstream: upstream)
            return try parameters.map { try #require($0.gradient).floats() }
        }
        #expect(runs[0] == runs[1] && runs[0] == runs[2])
    }

    @Test func dropoutTakesAsManyWeightsAsAskedAndKeepsTheMean() throws {
        let c = Case(queries: 300, keys: 300, probability: 0.1)
        let factors = try factors(c, try parameters(c).map(\.value)).floats()
        let share = Double(factors.count { $0 == 0 }) / Double(factors.count)
        // Five standard deviations of 360,000 throws.
        #expect(abs(share - 0.1) < 5 * (0.09 / Double(factors.count)).squareRoot())
        #expect(abs(factors.reduce(0.0) { $0 + Double($1) } / Double(factors.count) - 1) < 0.003)
        // Rows, and keys that share a word, go their own ways.
        for distance in [1, 64, 300, 90_000] {
            let both = (0..<factors.count - distance).count {
                factors[$0] == 0 && factors[$0 + distance] == 0
            }
            #expect(abs(Double(both) / Double(factors.count - distance) - 0.01) < 0.001, "\(distance)")
        }
    }

    @Test func theSameKeyTakesTheSameWeightsAndAllOfThemAtOne() throws {
        let c = Case(queries: 5, keys: 5)
        let x = try parameters(c).map(\.value)
        func attend(_ key: DropoutKey?) throws -> [Float] {
            try Tensor.attention(query: x[0], key: x[1], value: x[2], scale: 1, dropout: key).floats()
        }
        let key = DropoutKey(probability: 0.5, seed: 1, stream: 2)
        #expect(try attend(key) == attend(key))
        #expect(try attend(key) != attend(DropoutKey(probability: 0.5, seed: 1, stream: 3)))
        #expect(try attend(key) != attend(DropoutKey(probability: 0.5, seed: 2, stream: 2)))
        #expect(try attend(DropoutKey(probability: 0, seed: 1, stream: 2)) == attend(nil))
        #expect(try attend(DropoutKey(probability: 1, seed: 1, stream: 2)).allSatisfy { $0 == 0 })
    }

    @Test func framesBeyondTheLengthAreNeverReadAndNaNIsNotHidden() throws {
        var values = [Float](repeating: 0.5, count: 6)
        values[4] = .nan
        let x = try Tensor(values, [1, 3, 1, 2])
        let short = try Tensor.attention(
            query: x.sliced(axis: 1, 0..<2),
            key: x,
            value: x,
            scale: 1,
            keyLengths: [2]
        )
        #expect(try short.floats() == [0.5, 0.5, 0.5, 0.5])
        let whole = try Tensor.attention(query: x.sliced(axis: 1, 0..<2), key: x, value: x, scale: 1)
        #expect(try whole.floats().allSatisfy(\.isNaN))
    }
}
