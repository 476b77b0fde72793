import TestSupport
import Testing

@testable import TensorCore

/// What a dropout takes follows from its key alone, and from nothing else.
@Suite struct DropoutChoiceTests {
    @Test func manyTasksNeverGetTheSameKey() async {
        let stream = RandomStream(seed: 3)
        let keys = await withTaskGroup(of: [DropoutKey].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).compactMap { _ in stream.dropoutKey(0.5) } }
            }
            return await group.reduce(into: Set<DropoutKey>()) { $0.formUnion($1) }
        }
        #expect(keys.count == 4000)
        #expect(stream.position == 4000)
    }

    @Test func probabilitiesThatAreNoneTakeNothing() throws {
        let x = try Tensor([1, 2, 3], [3])
        for probability in [Float.nan, -1, -Float.infinity] {
            #expect(RandomStream(seed: 1).dropoutKey(probability) == nil)
            #expect(
                try x.dropout(DropoutKey(probability: probability, seed: 1, stream: 1)).floats() == [1, 2, 3]
            )
        }
        #expect(try x.dropout(DropoutKey(probability: .infinity, seed: 1, stream: 1)).floats() == [0, 0, 0])
    }

    /// A counter decides, not a sequence: neither the size of the tensor nor how it is split among threads matters.
    @Test func whatIsTakenDoesNotDependOnTheSize() throws {
        let key = DropoutKey(probability: 0.4, seed: 11, stream: 1 << 40)
        let all = try Tensor.full(1, [300_001]).dropout(key).floats()
        for count in [1, 63, 64, 65, 1000, 16_384, 70_001] {
            let some = try Tensor.full(1, [count]).dropout(key).floats()
            #expect(some == Array(all.prefix(count)), "\(count)")
        }
    }

    /// 0 times infinity would be no number.
    @Test func whatIsTakenIsZeroWhateverItWas() throws {
        let key = DropoutKey(probability: 0.5, seed: 5, stream: 6)
        let kept = try Tensor.full(1, [1000]).dropout(key).floats().map { $0 != 0 }
        for value in [Float.nan, Float.infinity, -Float.infinity] {
            let result = try Tensor.full(value, [1000]).dropout(key).floats()
            #expect(zip(result, kept).allSatisfy { $1 ? !$0.isFinite : $0 == 0 })
        }
    }

    @Test func theDerivativeIsTheMaskTimesTheScale() throws {
        let key = DropoutKey(probability: 0.25, seed: 5, stream: 7)
        let x = Parameter("x", try Tensor.full(2, [5, 1001]))
        let result = try x.tensor.dropout(key)
        try result.backward(upstream: Tensor.full(3, [5, 1001]))
        let slopes = try #require(x.gradient).floats()
        #expect(zip(slopes, try result.floats()).allSatisfy { abs($0 / 3 - $1 / 2) < 1e-6 })
        #expect(slopes.contains(0))
    }

    /// Neighbours, and the same place in other streams or with other seeds, are taken independently: of n pairs,
    /// n·p² have both, with the deviation √(n·p²·(1 − p²)), of which five are allowed.
    @Test func choicesAreIndependent() throws {
        let (count, probability) = (200_000, 0.3)
        func taken(_ seed: UInt64, _ stream: UInt64) throws -> [Bool] {
            let key = DropoutKey(probability: Float(probability), seed: seed, stream: stream)
            return try Tensor.full(1, [count]).dropout(key).floats().map { $0 == 0 }
        }
        let base = try taken(1, 1)
        let others = [
            ("a stream", try taken(1, 2)), ("a far stream", try taken(1, 1 + 1 << 32)),
            ("a seed", try taken(2, 1)), ("a far seed", try taken(1 + 1 << 32, 1)),
            ("one on", Array(base.dropFirst())), ("sixteen on", Array(base.dropFirst(16))),
            ("a group on", Array(base.dropFirst(64))),
        ]
        let both = probability * probability
        for (name, other) in others {
            let pairs = Double(other.count)
            let found = Double(zip(base, other).count { $0 && $1 })
            #expect(abs(found - pairs * both) < 5 * (pairs * both * (1 - both)).squareRoot(), "\(name)")
        }
    }
}
