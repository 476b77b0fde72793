import Foundation

/// UTC dates as text from seconds since 1970, by arithmetic: the same everywhere, and without the tens of
/// microseconds and the global state of a formatter.
enum Dates {
    /// A moment taken apart in the Gregorian calendar, UTC.
    struct Parts: Equatable, Sendable {
        var year: Int
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var second: Int
    }

    static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Far more than any log needs and far less than integer limits: about 300,000 years each way.
    private static let limit = 1e13

    /// The calendar fields of a moment; nil where it is not finite or absurdly far away.
    ///
    /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
    static func parts(_ seconds: Double) -> Parts? {
        guard seconds.isFinite, abs(seconds) < limit else { return nil }
        let total = Int(seconds.rounded(.down))
        let days = floorDivide(total, 86_400)
        let rest = total - days * 86_400
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return Parts(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60
        )
    }

    /// Seconds since 1970 of midnight UTC, months beyond 1…12 carrying into years.
    ///
    /// Source: Howard Hinnant, `days_from_civil`.
    static func seconds(year: Int, month: Int, day: Int) -> Double {
        let carry = floorDivide(month - 1, 12)
        let month = month - 12 * carry
        let shiftedYear = year + carry - (month <= 2 ? 1 : 0)
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Double(era * 146_097 + dayOfEra - 719_468) * 86_400
    }

    /// A moment for people: `24 Nov 2026 03:10 UTC`.
    static func text(_ seconds: Double) -> String {
        guard let parts = parts(seconds) else { return NumberFormat.missing }
        return "\(day(parts)) \(parts.year) \(clock(parts)) UTC"
    }

    /// A moment for people: `24 Nov 2026 03:10 UTC`.
    static func text(_ date: Date) -> String { text(date.timeIntervalSince1970) }

    /// A moment for machines: `2026-11-24T03:10:00Z`.
    static func iso8601(_ seconds: Double) -> String {
        guard let parts = parts(seconds) else { return "" }
        let year = (0...9999).contains(parts.year) ? padded(parts.year, to: 4) : String(parts.year)
        return "\(year)-\(padded(parts.month))-\(padded(parts.day))T\(clock(parts)):\(padded(parts.second))Z"
    }

    /// A moment for machines: `2026-11-24T03:10:00Z`.
    static func iso8601(_ date: Date) -> String { iso8601(date.timeIntervalSince1970) }

    /// The day without its year: `24 Nov`.
    static func day(_ parts: Parts) -> String { "\(parts.day) \(monthNames[parts.month - 1])" }

    /// The time of day: `03:10`.
    static func clock(_ parts: Parts) -> String { "\(padded(parts.hour)):\(padded(parts.minute))" }

    /// The time of day to the second: `03:10:05`.
    static func clockWithSeconds(_ parts: Parts) -> String { "\(clock(parts)):\(padded(parts.second))" }

    private static func padded(_ value: Int, to width: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        dividend >= 0 ? dividend / divisor : (dividend - divisor + 1) / divisor
    }
}
