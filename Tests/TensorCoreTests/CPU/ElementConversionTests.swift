import Testing

@testable import TensorCore

@Suite struct ElementConversionTests {
    @Test func everyFloat16GoesThereAndBack() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatCoding.float(half: bits)
            if value.isNaN { continue }
            #expect(FloatCoding.half(value) == bits)
        }
    }

    @Test func roundingIsToTheNearestAndToEven() {
        // Source: IEEE 754-2019, §4.3.1. Between 1 and the next binary16, 1 + 2⁻¹⁰.
        #expect(FloatCoding.half(1 + 0x1p-11) == 0x3C00)
        #expect(FloatCoding.half(1 + 0x1.8p-10) == 0x3C02)
        #expect(FloatCoding.half(65_520) == 0x7C00)
        #expect(FloatCoding.half(65_519) == 0x7BFF)
        #expect(FloatCoding.brain(1 + 0x1p-8) == 0x3F80)
        #expect(FloatCoding.brain(1 + 0x1.8p-7) == 0x3F82)
        #expect(Float(bitPattern: UInt32(FloatCoding.brain(.nan)) << 16).isNaN)
    }

    /// By way of float32 the first step would make a tie of what is none.
    @Test func numbersAreRoundedOnce() throws {
        let fraction = try Tensor.undefined([1], .float64)
        fraction.bytes.storeBytes(of: 1 + 0x1p-11 + 0x1p-40, as: Double.self)
        #expect(try fraction.converted(to: .float16).floats() == [1 + 0x1p-10])
        let integer = try Tensor.undefined([1], .int64)
        integer.bytes.storeBytes(of: (1 << 60) + (1 << 36) + 1, as: Int64.self)
        #expect(try integer.converted(to: .float32).floats() == [0x1p60 + 0x1p37])
    }

    @Test(arguments: ElementType.allCases)
    func smallWholeNumbersSurviveEveryType(_ type: ElementType) throws {
        let values: [Float] = type == .bool ? [0, 1, 1, 0] : [0, 1, 100, 127]
        let converted = try Tensor(values, [4]).converted(to: type)
        #expect(converted.elementType == type)
        #expect(converted.storage.byteCount == 4 * type.byteCount)
        #expect(try converted.floats() == values)
    }

    @Test func whatDoesNotFitGoesToTheEnd() throws {
        let x = try Tensor([.nan, .infinity, -.infinity, 1e20, -300], [5])
        #expect(try x.converted(to: .int8).floats() == [0, 127, -128, 127, -128])
        #expect(try x.converted(to: .uint8).floats() == [0, 255, 0, 255, 0])
    }

    @Test func viewsOfEveryWidthAreCopiedInOrder() throws {
        for type in ElementType.allCases where type != .bool {
            let x = try Tensor([0, 1, 2, 3, 4, 5], [2, 3]).converted(to: type)
            #expect(try x.transposed().contiguous().floats() == [0, 3, 1, 4, 2, 5], "\(type)")
        }
    }
}
