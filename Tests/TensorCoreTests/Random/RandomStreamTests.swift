import Testing

@testable import TensorCore

@Suite struct RandomStreamTests {
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

    @Test func aStreamGoesOnWhereItWas() {
        let stream = RandomStream(seed: 7)
        _ = stream.dropoutKey(0.1)
        #expect(stream.dropoutKey(0) == nil)
        let later = RandomStream(seed: 7, position: stream.position)
        #expect(stream.dropoutKey(0.1) == later.dropoutKey(0.1))
        #expect(stream.bits() == later.bits())
        #expect(stream.bits() != RandomStream(seed: 8, position: later.position).bits())
    }

    /// Each group gives 64 words, and each word is used once.
    @Test func numbersAreTheWordsOfTheirStreamInOrder() {
        var numbers = RandomNumbers(seed: 3, stream: 5)
        let drawn = (0..<40).map { _ in numbers.next() }
        let words = (0..<2).flatMap { RandomStream.philox(group: $0, stream: 5, seed: 3) }
        #expect(drawn == (0..<40).map { UInt64(words[2 * $0]) << 32 | UInt64(words[2 * $0 + 1]) })
        #expect(Set(drawn).count == 40)
    }

    @Test func tensorsHaveTheirDistributionAndAreDrawnAgain() throws {
        let shape: Shape = [400, 250]
        let first = RandomStream(seed: 11), second = RandomStream(seed: 11)
        let normal = try first.tensor(shape, .normal(standardDeviation: 2)).floats()
        #expect(try second.tensor(shape, .normal(standardDeviation: 2)).floats() == normal)
        let count = Float(shape.elementCount)
        let mean = normal.reduce(0, +) / count
        let variance = normal.reduce(0) { $0 + $1 * $1 } / count - mean * mean
        // Five standard deviations of the mean, and of the variance.
        #expect(abs(mean) < 0.032 && abs(variance - 4) < 0.09)
        let uniform = try first.tensor(shape, .uniform(bound: 3)).floats()
        #expect(uniform.allSatisfy { $0 >= -3 && $0 < 3 })
        #expect(abs(uniform.reduce(0, +) / count) < 0.03)
        #expect(abs(uniform.reduce(0) { $0 + $1 * $1 } / count - 3) < 0.05)
    }

    @Test func theLastPositionIsNoTrap() {
        let stream = RandomStream(seed: 1, position: .max)
        _ = stream.bits()
        #expect(stream.position == 0)
    }
}
