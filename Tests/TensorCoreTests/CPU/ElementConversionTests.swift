import Testing

@testable import TensorCore

@Suite struct ElementConversionTests {
    @Test func everyFloat16GoesThereAndBack() {
        for bits in UInt16.min...UInt16.max {
            let value = HalfPrecision.float(fromFloat16: bits)
            if value.isNaN { continue }
            #expect(HalfPrecision.float16(from: value) == bits)
        }
    }

    @Test func roundingIsToTheNearestAndToEven() {
        // Source: IEEE 754-2019, §4.3.1. Between 1 and the next binary16, 1 + 2⁻¹⁰.
        #expect(HalfPrecision.float16(from: 1 + 0x1p-11) == 0x3C00)
        #expect(HalfPrecision.float16(from: 1 + 0x1.8p-10) == 0x3C02)
        #expect(HalfPrecision.float16(from: 65_520) == 0x7C00)
        #expect(HalfPrecision.float16(from: 65_519) == 0x7BFF)
        #expect(HalfPrecision.bfloat16(from: 1 + 0x1p-8) == 0x3F80)
        #expect(HalfPrecision.bfloat16(from: 1 + 0x1.8p-7) == 0x3F82)
        #expect(Float(bitPattern: UInt32(HalfPrecision.bfloat16(from: .nan)) << 16).isNaN)
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
