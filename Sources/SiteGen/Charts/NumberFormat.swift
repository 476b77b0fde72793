import Foundation

/// Numbers as text, the same on every machine: no locale, a point for decimals, trailing zeros dropped.
///
/// Everything here is integer arithmetic on the digits; `String(format:)` takes microseconds a number and a
/// page has thousands.
enum NumberFormat {
    /// What stands where there is no number.
    static let missing = "–"

    /// A measured value with four significant digits: `3.916`, `0.3124`, `12.35k`, `8.5e-6`.
    static func value(_ value: Double) -> String { text(value, significantDigits: 4) }

    /// A learning rate with three significant digits, in e-notation below 1e-3.
    static func learningRate(_ value: Double) -> String { text(value, significantDigits: 3) }

    /// A count: `412`, `9800`, `99.4k`, `1.2M`.
    static func count(_ value: Double) -> String { text(value, significantDigits: 3, wholeBelow: 10_000) }

    /// A share 0…1 as percent: `12.3 %`, `100 %`.
    static func percent(fraction: Double) -> String {
        guard fraction.isFinite else { return missing }
        return text(fraction * 100, significantDigits: 3) + " %"
    }

    /// A size: `0 B`, `812 B`, `1.25 GB`; powers of 1000 as drives and networks count.
    static func bytes(_ count: Double) -> String {
        guard count.isFinite else { return missing }
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var value = count
        var unit = 0
        while abs(value) >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return (unit == 0 ? text(value.rounded(), significantDigits: 3) : text(value, significantDigits: 3))
            + " " + units[unit]
    }

    /// A duration in its two largest units: `4.2 s`, `42 s`, `12 min 5 s`, `5 h 39 min`, `2 d 3 h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e15 else { return missing }
        if seconds < 0 { return "-" + duration(seconds: -seconds) }
        if seconds < 9.95 { return text(seconds, significantDigits: 2) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
        }
        if whole < 3600 { return pair(whole / 60, "min", whole % 60, "s") }
        let minutes = (whole + 30) / 60
        if minutes < 1440 { return pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = (minutes + 30) / 60
        return pair(hours / 24, "d", hours % 24, "h")
    }

    /// The shortest text that reads back as the same number: `0`, `7.5`, `99400`, `1e-07`.
    static func exact(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A number with so many significant digits, trailing zeros dropped.
    ///
    /// - Parameters:
    ///   - value: Any double.
    ///   - significantDigits: 1…15.
    ///   - limit: Whole numbers below it are written in full, however many digits they have.
    /// - Returns: `0.3124`, `12.35k`, `8.5e-6`, `NaN`, `∞`.
    static func text(_ value: Double, significantDigits: Int, wholeBelow limit: Double = 10_000) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-∞" : "∞" }
        if value == 0 { return "0" }
        if value == value.rounded(), abs(value) < limit { return String(Int(value)) }
        var decimal = Decimal10(abs(value), digits: significantDigits)
        let sign = value < 0 ? "-" : ""
        switch decimal.exponent {
        case ..<(-3): return sign + decimal.scientific
        case ..<4: return sign + decimal.plain
        case ..<15:
            let group = decimal.exponent / 3
            decimal.exponent -= 3 * group
            return sign + decimal.plain + ["", "k", "M", "G", "T"][group]
        default: return sign + decimal.scientific
        }
    }
}

/// A positive number rounded to a few decimal digits: 0.d₁d₂d₃… × 10^(exponent + 1).
struct Decimal10: Equatable {
    /// The digits as an integer without trailing zeros.
    private(set) var digits: Int
    private(set) var digitCount: Int
    /// The power of ten of the first digit.
    var exponent: Int

    /// Rounds a positive finite value to at most 15 digits.
    init(_ value: Double, digits count: Int) {
        var exponent = Int(log10(value).rounded(.down))
        var scaled = Self.scale(value, by: count - 1 - exponent)
        let limit = Self.power(count)
        if scaled < limit / 10 {  // log10 was a hair too large
            exponent -= 1
            scaled = Self.scale(value, by: count - 1 - exponent)
        }
        var digits = Int(scaled.rounded())
        if Double(digits) >= limit {  // 9.9996 became 10.00
            digits /= 10
            exponent += 1
        }
        var digitCount = count
        while digitCount > 1, digits % 10 == 0 {
            digits /= 10
            digitCount -= 1
        }
        self.digits = digits
        self.digitCount = digitCount
        self.exponent = exponent
    }

    /// `12.35`, `0.0012`, `120`.
    var plain: String {
        let text = String(digits)
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
        let whole = exponent + 1
        if whole >= digitCount { return text + String(repeating: "0", count: whole - digitCount) }
        return String(text.prefix(whole)) + "." + String(text.dropFirst(whole))
    }

    /// `8.5e-6`.
    var scientific: String {
        let text = String(digits)
        return (digitCount == 1 ? text : text.prefix(1) + "." + text.dropFirst()) + "e\(exponent)"
    }

    private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

    /// In two halves, since 10^330 does not exist but 5e-324 does.
    private static func scale(_ value: Double, by exponent: Int) -> Double {
        if exponent > 300 { return value * power(300) * power(exponent - 300) }
        return exponent < 0 ? value / power(-exponent) : value * power(exponent)
    }
}
