import TestSupport
import Testing

@testable import TensorCore

@Suite struct DropoutTests {
    @Test(arguments: [Float(0.1), 0.5, 0.9])
    func asManyAreTakenAsAsked(_ probability: Float) throws {
        let x = try Tensor.full(1, [100_000])
        let key = DropoutKey(probability: probability, seed: 1, stream: 2)
        let values = try x.dropout(key).floats()
        let taken = Float(values.count { $0 == 0 }) / 100_000
        #expect(abs(taken - probability) < 0.01)
        #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / (1 - probability)) < 1e-5 })
        #expect(abs(values.reduce(0, +) / 100_000 - 1) < 0.05)
    }

    @Test func theSameKeyTakesTheSameAndTheDerivativeToo() throws {
        var random = SeededRandom(seed: 53)
        let values = Input.random([777], &random).values
        let key = DropoutKey(probability: 0.3, seed: 9, stream: 4)
        let x = Parameter("x", try Tensor(values, [777]))
        let result = try x.tensor.dropout(key)
        let numbers = try result.floats()
        #expect(try x.value.dropout(key).floats() == numbers)
        #expect(try x.value.dropout(DropoutKey(probability: 0.3, seed: 9, stream: 5)).floats() != numbers)
        try result.sum().backward()
        let slopes = try #require(x.gradient).floats()
        #expect(zip(numbers, slopes).allSatisfy { ($0 == 0) == ($1 == 0) })
    }

    @Test func nothingAndEverything() throws {
        let x = try Tensor([1, 2, 3], [3])
        #expect(try x.dropout(nil).floats() == [1, 2, 3])
        #expect(try x.dropout(DropoutKey(probability: 1, seed: 1, stream: 1)).floats() == [0, 0, 0])
    }
}
