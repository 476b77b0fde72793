import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Numbers and dates as text")
struct NumberFormatTests {
    @Test(
        "Values have four significant digits",
        arguments: [
            (3.916, "3.916"), (0.31244, "0.3124"), (12.3456, "12.35"), (963.21, "963.2"), (1234, "1234"),
            (12_345.6, "12.35k"), (9999.96, "10k"), (0.99996, "1"), (0.00123456, "0.001235"),
            (8.5e-6, "8.5e-6"),
            (0, "0"), (-0.5, "-0.5"), (-12_345, "-12.35k"), (1.5e20, "1.5e20"), (2_500_000, "2.5M"),
            (.leastNonzeroMagnitude, "4.941e-324"), (.nan, "NaN"), (.infinity, "∞"), (-.infinity, "-∞"),
            (100, "100"),
            (0.1 + 0.2, "0.3"), (1.7976931348623157e308, "1.798e308"),
        ]
    )
    func values(value: Double, text: String) { #expect(NumberFormat.value(value) == text) }

    @Test("Any value reads back to within half a unit of its last digit")
    func valuesReadBack() throws {
        var random = SeededRandom.fresh()
        let factors: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
        for _ in 0..<1500 {
            let value =
                Double.random(in: -1...1, using: &random)
                * pow(10, Double.random(in: -30...30, using: &random))
            let text = NumberFormat.value(value)
            let factor = text.last.flatMap { factors[$0] }
            let read = try #require(Double(factor == nil ? text : String(text.dropLast()))) * (factor ?? 1)
            #expect(abs(read - value) <= abs(value) * 5.01e-4, "\(text) \(value) \(random)")
            #expect(text.utf8.count <= 11, "\(text)")
        }
    }

    @Test("Learning rates, counts, percentages")
    func kinds() {
        #expect(NumberFormat.learningRate(0.0001) == "1e-4")
        #expect(NumberFormat.learningRate(8.4567e-6) == "8.46e-6")
        #expect(NumberFormat.learningRate(0.0015) == "0.0015")
        #expect(NumberFormat.count(412) == "412")
        #expect(NumberFormat.count(9800) == "9800")
        #expect(NumberFormat.count(99_400) == "99.4k")
        #expect(NumberFormat.count(1_200_000) == "1.2M")
        #expect(NumberFormat.percent(fraction: 0.1234) == "12.3 %")
        #expect(NumberFormat.percent(fraction: 1) == "100 %")
        #expect(NumberFormat.percent(fraction: .nan) == NumberFormat.missing)
    }

    @Test(
        "Sizes and durations use the largest fitting units",
        arguments: [
            (0.0, "0 s"), (0.25, "0.25 s"), (4.2, "4.2 s"), (42, "42 s"), (59.6, "1 min"),
            (725, "12 min 5 s"),
            (3600, "1 h"), (20_340, "5 h 39 min"), (86_399, "1 d"), (183_600, "2 d 3 h"),
            (-90, "-1 min 30 s"),
        ]
    )
    func durations(seconds: Double, text: String) { #expect(NumberFormat.duration(seconds: seconds) == text) }

    @Test("Sizes")
    func sizes() {
        #expect(NumberFormat.bytes(0) == "0 B")
        #expect(NumberFormat.bytes(812) == "812 B")
        #expect(NumberFormat.bytes(999.6) == "1 kB")
        #expect(NumberFormat.bytes(1.25e9) == "1.25 GB")
        #expect(NumberFormat.bytes(.infinity) == NumberFormat.missing)
        #expect(NumberFormat.duration(seconds: .nan) == NumberFormat.missing)
    }

    @Test("Exact numbers read back bit for bit")
    func exact() {
        var random = SeededRandom.fresh()
        for text in ["0", "7.5", "99400", "-3"] { #expect(Double(text).map(NumberFormat.exact) == text) }
        for _ in 0..<1000 {
            let value = Double(bitPattern: random.next())
            if value.isFinite { #expect(Double(NumberFormat.exact(value)) == value, "\(random)") }
        }
    }

    @Test("Integers of any size are written in decimal")
    func integers() {
        for value in [0, 9, 10, -10, 99, 100, 12_345, -1, .max, .min] {
            var bytes: [UInt8] = []
            bytes.write(value)
            #expect(String(decoding: bytes, as: UTF8.self) == String(value))
        }
    }

    @Test("Dates agree with the calendar, far into past and future")
    func dates() throws {
        #expect(Dates.text(1_795_490_000) == "24 Nov 2026 03:13 UTC")
        #expect(Dates.iso8601(1_795_490_000) == "2026-11-24T03:13:20Z")
        #expect(Dates.iso8601(-1) == "1969-12-31T23:59:59Z")
        #expect(Dates.iso8601(951_782_400) == "2000-02-29T00:00:00Z")
        #expect(Dates.text(.nan) == NumberFormat.missing)
        #expect(Dates.text(1e300) == NumberFormat.missing)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededRandom.fresh()
        for _ in 0..<500 {
            let seconds = Double.random(in: -1e9...1e11, using: &random).rounded()
            let parts = try #require(Dates.parts(seconds))
            let expected = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: seconds)
            )
            #expect(parts.year == expected.year && parts.month == expected.month, "\(seconds) \(random)")
            #expect(parts.day == expected.day && parts.hour == expected.hour, "\(seconds) \(random)")
            #expect(
                parts.minute == expected.minute && parts.second == expected.second,
                "\(seconds) \(random)"
            )
            let midnight = Dates.seconds(year: parts.year, month: parts.month, day: parts.day)
            #expect(seconds - midnight >= 0 && seconds - midnight < 86_400, "\(seconds) \(random)")
        }
    }
}
