import TestSupport
import Testing

@testable import TensorCore

/// Rounding to float16 as IEEE 754 has it: to the nearest, ties to even, also near 0 and beyond the largest.
@Suite struct HalfTensorTests {
    @Test func everyNumberIsRoundedAsTheStandardLibraryRounds() throws {
        var random = SeededRandom.fresh()
        var numbers: [Float] = [
            0, -0.0, 65_504, 65_519.99, 65_520, .infinity, -.infinity, 0x1p-24, 0x1p-25, 0x1.8p-25,
        ]
        for _ in 0..<2000 {
            // Any bits at all, and numbers within reach, half-way between two halves among them.
            numbers.append(Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)))
            numbers.append(Float.random(in: -100...100, using: &random))
            let half = Float16(bitPattern: UInt16.random(in: 0..<0x7BFF, using: &random))
            numbers.append((Float(half) + Float(half.nextUp)) / 2)
        }
        numbers.removeAll(where: \.isNaN)
        let tensor = try StoredTensor(roundingToHalf: numbers, shape: [numbers.count])
        #expect(tensor.elementType == .float16)
        #expect(tensor.floats() == numbers.map { Float(Float16($0)) }, "\(random)")
    }

    @Test func aShapeOfAnotherSizeIsRefused() throws {
        #expect(throws: CheckpointFileError.self) { try StoredTensor(roundingToHalf: [1, 2, 3], shape: [2]) }
        #expect(throws: CheckpointFileError.self) {
            try StoredTensor(roundingToHalf: [1, 2, 3], shape: [2, 2])
        }
        #expect(try StoredTensor(roundingToHalf: [], shape: [0, 3]).floats() == [])
    }
}
