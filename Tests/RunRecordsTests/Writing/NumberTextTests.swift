import TestSupport
import Testing

@testable import RunRecords

@Suite("Number text") struct NumberTextTests {
    @Test(
        "Known values",
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1200, "-1200"), (3.916, "3.916"), (0.1, "0.1"),
            (0.30000000000000004, "0.30000000000000004"), (8.5e-06, "8.5e-06"), (0.0001, "0.0001"),
            (1.0 / 3, "0.3333333333333333"), (1765467099.21, "1765467099.21"),
            (9.007199254740991e15, "9007199254740991"),
            (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"), (.nan, "NaN"), (.infinity, "Infinity"),
            (-.infinity, "-Infinity"),
        ]
    )
    func knownValues(value: Double, text: String) {
        #expect(shortest(value) == text)
    }

    @Test("The shortest text equals Swift's own, for numbers of every size and precision")
    func equalsDescription() {
        var random = SeededRandom.fresh()
        var wrong: [String] = []
        for _ in 0..<50_000 {
            let bits = Double(bitPattern: random.next())
            let everyday = Double.random(in: -1...1, using: &random) * PowersForTests.pick(&random)
            let decimal = (everyday * 1_000).rounded() / 1_000
            let tiny = Double.random(in: 0...1e-4, using: &random)
            for value in [bits, everyday, decimal, tiny] where value.isFinite {
                var expected = value.description
                if expected.hasSuffix(".0") { expected.removeLast(2) }
                if shortest(value) != expected { wrong.append(expected) }
            }
        }
        #expect(wrong.isEmpty, "\(random)")
    }

    @Test("Neighbours of short decimals, where rounding is closest to going wrong")
    func neighbours() {
        var random = SeededRandom.fresh()
        var wrong: [String] = []
        for _ in 0..<20_000 {
            let near = Double(Int.random(in: 1...999_999, using: &random)) / 1_000
            for value in [near.nextUp, near.nextDown, near.nextUp.nextUp] where value != value.rounded() {
                if shortest(value) != value.description { wrong.append(value.description) }
            }
        }
        #expect(wrong.isEmpty, "\(random)")
    }

    @Test("Integers", arguments: [0, 7, -7, 10, 1_000_000, Int.max, Int.min])
    func integers(value: Int) {
        var bytes: [UInt8] = []
        NumberText.append(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == String(value))
    }

    @Test(
        "Rounding keeps so many digits and every whole one",
        arguments: [
            (3.9161234567, "3.916123"), (0.000123456789, "0.0001234568"), (123456789.4, "123456789"),
            (0, "0"),
            (-2.5, "-2.5"), (0.99999999, "1"), (8.5123456789e-06, "8.512346e-06"), (1e300, "1e+300"),
            (.nan, "NaN"),
        ]
    )
    func rounding(value: Double, text: String) {
        var bytes: [UInt8] = []
        NumberText.append(value, significantDigits: 7, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("Rounding to seven digits stays within half a unit of the seventh")
    func roundingError() throws {
        var random = SeededRandom.fresh()
        var wrong: [Double] = []
        for _ in 0..<20_000 {
            let value = Double.random(in: -1...1, using: &random) * PowersForTests.pick(&random)
            var bytes: [UInt8] = []
            NumberText.append(value, significantDigits: 7, to: &bytes)
            let read = try #require(Double(String(decoding: bytes, as: UTF8.self)))
            if abs(read - value) > abs(value) * 5.000_001e-7 { wrong.append(value) }
        }
        #expect(wrong.isEmpty, "\(random)")
    }

    private func shortest(_ value: Double) -> String {
        var bytes: [UInt8] = []
        NumberText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private enum PowersForTests {
    static let powers = [1e-7, 1e-5, 1e-3, 0.1, 1, 10, 1e3, 1e6, 1e9, 1e12, 1e15, 1e16]

    static func pick(_ random: inout SeededRandom) -> Double {
        powers.randomElement(using: &random) ?? 1
    }
}
