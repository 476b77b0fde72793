import Foundation

/// One mark of an axis.
struct Tick: Sendable, Equatable {
    let value: Double
    /// Empty for marks that only get a grid line.
    let label: String

    var isMinor: Bool { label.isEmpty }
}

/// Where an axis is marked, and with what.
enum Ticks {
    /// Marks for an axis of numbers, at most about `count` of them labelled, ascending, inside the scale.
    static func numbers(_ scale: Scale, count: Int) -> [Tick] {
        switch scale.kind {
        case .linear: linear(from: scale.lower, to: scale.upper, count: count)
        case .log: logarithmic(from: scale.lower, to: scale.upper, count: count)
        }
    }

    /// Marks for the horizontal axis of a chart.
    static func horizontal(_ scale: Scale, axis: XAxis, count: Int) -> [Tick] {
        switch (axis, scale.kind) {
        case (.relative, .linear): durations(from: scale.lower, to: scale.upper, count: count)
        case (.wall, .linear): calendar(from: scale.lower, to: scale.upper, count: count)
        default: numbers(scale, count: count)
        }
    }

    // MARK: Numbers

    /// Multiples of the smallest step out of 1, 2, 2.5, 5 × 10ⁿ that gives at most `count` intervals.
    static func linear(from lower: Double, to upper: Double, count: Int) -> [Tick] {
        guard let step = NiceStep(covering: lower, upper, intervals: count) else {
            return [lower, upper].map { Tick(value: $0, label: NumberFormat.value($0)) }
        }
        let values = step.multiples(from: lower, through: upper)
        let largest = values.reduce(0) { max($0, abs($1)) }
        return values.map { Tick(value: $0, label: label($0, step: step, largest: largest)) }
    }

    /// Decades where there are enough of them, with 1-2-5 or all nine digits between where there are few;
    /// below one decade the multiples a linear axis would have.
    static func logarithmic(from lower: Double, to upper: Double, count: Int) -> [Tick] {
        let decades = log10(upper) - log10(lower)
        if decades < 1 {
            let ticks = linear(from: lower, to: upper, count: count).filter { $0.value > 0 }
            if !ticks.isEmpty { return ticks }
        }
        let first = Int(log10(lower).rounded(.down))
        let last = Int(log10(upper).rounded(.up))
        let stride = max(1, Int((decades / Double(max(1, count))).rounded(.up)))
        let labelled: Set<Int> = decades <= 2.2 && count >= 4 ? [1, 2, 5] : [1]
        let drawn = decades <= 3.2 ? 1...9 : 1...1
        var ticks: [Tick] = []
        for exponent in first...max(first, last) {
            for digit in drawn {
                let value = NiceStep.power(exponent, times: digit)
                guard value >= lower * (1 - 1e-12), value <= upper * (1 + 1e-12) else { continue }
                let isLabelled = labelled.contains(digit) && exponent % stride == 0
                ticks.append(Tick(value: value, label: isLabelled ? shortLabel(value) : ""))
            }
        }
        if ticks.contains(where: { !$0.isMinor }) { return ticks }
        return linear(from: lower, to: upper, count: count).filter { $0.value > 0 }
    }

    /// `0.25`, `7.5`, `400`, `12.5k`, `1.2M`, `2.5e-5`: exact for a multiple of `step`.
    private static func label(_ value: Double, step: NiceStep, largest: Double) -> String {
        if value == 0 { return "0" }
        if largest >= 1e15 || largest < 1e-3 { return shortLabel(value) }
        guard largest >= 10_000 else { return step.decimalText(value) }
        let magnitude = abs(value)
        let (unit, power): (String, Int) =
            switch magnitude {
            case 1e12...: ("T", 12)
            case 1e9...: ("G", 9)
            case 1e6...: ("M", 6)
            case 1e3...: ("k", 3)
            default: ("", 0)
            }
        return step.decimalText(value, dividedByPowerOfTen: power) + unit
    }

    /// Up to fifteen digits, for values that are short by construction.
    private static func shortLabel(_ value: Double) -> String {
        NumberFormat.text(value, significantDigits: 12, wholeBelow: 10_000)
    }
}

/// A step of 1, 2, 2.5 or 5 × 10ⁿ whose multiples are computed in integers, so that 0.3 is 0.3 and never
/// 0.30000000000000004.
struct NiceStep: Equatable, Sendable {
    /// 10, 20, 25 or 50.
    let mantissa: Int
    /// The step is `mantissa` × 10^`exponent`.
    let exponent: Int

    var value: Double { Self.power(exponent, times: mantissa) }

    /// The smallest step with which the range has at most so many intervals; nil where doubles are too
    /// coarse to tell its multiples apart.
    init?(covering lower: Double, _ upper: Double, intervals: Int) {
        let rough = (upper / 2 - lower / 2) / Double(max(1, intervals)) * 2
        guard rough.isFinite, rough > 1e-300, rough > max(abs(lower), abs(upper)) * 1e-13 else { return nil }
        var exponent = Int(log10(rough).rounded(.down)) - 1
        if Self.power(exponent, times: 10) > rough { exponent -= 1 }
        for _ in 0..<2 {
            for mantissa in [10, 20, 25, 50] where Self.power(exponent, times: mantissa) >= rough * (1 - 1e-9)
            {
                self.mantissa = mantissa
                self.exponent = exponent
                return
            }
            exponent += 1
        }
        return nil
    }

    /// All multiples inside the range, ascending; ends that miss a multiple by rounding count as inside.
    func multiples(from lower: Double, through upper: Double) -> [Double] {
        let first = (lower / value - 1e-9).rounded(.up)
        let last = (upper / value + 1e-9).rounded(.down)
        guard first <= last, abs(first) < 1e15, abs(last) < 1e15 else { return [] }
        return (Int(first)...Int(last)).map { multiple($0) }
    }

    func multiple(_ index: Int) -> Double { Self.power(exponent, times: index * mantissa) }

    /// An exact decimal of one of the multiples, without trailing zeros beyond what its step needs.
    func decimalText(_ value: Double, dividedByPowerOfTen power: Int = 0) -> String {
        let units = Int((value / self.value).rounded()) * mantissa
        let shift = exponent - power
        // The decimals every multiple of this step has: 2.5 needs one more than 2.
        var decimals = max(0, -shift)
        var digits = shift > 0 ? units * Int(Self.power(shift, times: 1)) : units
        let kept = power > 0 ? 0 : max(0, mantissa % 10 == 0 ? -shift - 1 : -shift)
        while decimals > kept, digits % 10 == 0 {
            digits /= 10
            decimals -= 1
        }
        let text = String(digits.magnitude)
        let sign = digits < 0 ? "-" : ""
        if decimals == 0 { return sign + text }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// `factor` × 10^`exponent`, correctly rounded where 10^|exponent| is exact.
    static func power(_ exponent: Int, times factor: Int) -> Double {
        exponent < 0
            ? Double(factor) / pow(10, Double(-exponent)) : Double(factor) * pow(10, Double(exponent))
    }
}
