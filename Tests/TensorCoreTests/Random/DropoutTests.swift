import TestSupport
import Testing

@testable import TensorCore

@Suite struct DropoutTests {
    /// Source: Random123's known answers, `kat_vectors`, philox4x32 10.
    @Test func wordsAreThoseOfPhilox() {
        func words(_ counter: UInt64, _ stream: UInt64, _ seed: UInt64) -> [UInt32] {
            let words = RandomStream.philox(group: counter / 16, stream: stream, seed: seed)
            return (0..<4).map { words[16 * $0 + Int(counter % 16)] }
        }
        #expect(words(0, 0, 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        #expect(words(.max, .max, .max) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        let digits = words(0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e, 0x299f_31d0_a409_3822)
        #expect(digits == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

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

    @Test func aStreamGoesOnWhereItWas() {
        let stream = RandomStream(seed: 7)
        _ = stream.dropoutKey(0.1)
        #expect(stream.dropoutKey(0) == nil)
        let later = RandomStream(seed: 7, position: stream.position)
        #expect(stream.dropoutKey(0.1) == later.dropoutKey(0.1))
        #expect(stream.bits() == later.bits())
        #expect(stream.bits() != RandomStream(seed: 8, position: later.position).bits())
    }
}
