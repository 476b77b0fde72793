import Foundation

extension Ticks {
    private static let minute = 60.0
    private static let hour = 3600.0
    private static let day = 86_400.0

    /// Steps people count seconds, minutes and hours in.
    private static let clockSteps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    ]

    /// Marks for seconds since the run began: `30 s`, `5 min`, `1 h 30 min`, `2 d`.
    static func durations(from lower: Double, to upper: Double, count: Int) -> [Tick] {
        let rough = (upper - lower) / Double(max(1, count))
        guard rough.isFinite, rough > 0.5, max(abs(lower), abs(upper)) < 1e12 else {
            return linear(from: lower, to: upper, count: count).map { tick in
                Tick(value: tick.value, label: tick.value == 0 ? "0" : tick.label + " s")
            }
        }
        let step = clockSteps.first { $0 >= rough } ?? dayStep(rough)
        return multiples(of: step, from: lower, to: upper, offset: 0).map { value in
            Tick(value: value, label: value == 0 ? "0" : NumberFormat.duration(seconds: value))
        }
    }

    /// Marks for moments, in UTC: times of day, with the date where a day begins; then days, months, years.
    static func calendar(from lower: Double, to upper: Double, count: Int) -> [Tick] {
        let rough = (upper - lower) / Double(max(1, count))
        guard rough.isFinite, rough > 0, max(abs(lower), abs(upper)) < 1e12 else {
            return linear(from: lower, to: upper, count: count)
        }
        if let step = clockSteps.first(where: { $0 >= rough }) {
            return times(multiples(of: step, from: lower, to: upper, offset: 0), step: step)
        }
        if rough <= 14 * day {
            let step = [1.0, 2, 7, 14].first { $0 * day >= rough } ?? 14
            // Weeks begin on Mondays; 1 January 1970 was a Thursday.
            let values = multiples(of: step * day, from: lower, to: upper, offset: step < 7 ? 0 : 4 * day)
            return values.map { Tick(value: $0, label: Dates.parts($0).map(Dates.day) ?? "") }
        }
        return months(from: lower, to: upper, atLeast: rough / (30 * day))
    }

    private static func times(_ values: [Double], step: Double) -> [Tick] {
        values.map { value in
            guard let parts = Dates.parts(value) else { return Tick(value: value, label: "") }
            if parts.hour == 0, parts.minute == 0, parts.second == 0 {
                return Tick(value: value, label: Dates.day(parts))
            }
            return Tick(
                value: value,
                label: step < minute ? Dates.clockWithSeconds(parts) : Dates.clock(parts)
            )
        }
    }

    private static func months(from lower: Double, to upper: Double, atLeast rough: Double) -> [Tick] {
        guard let start = Dates.parts(lower), let end = Dates.parts(upper) else { return [] }
        let step = [1, 3, 6, 12].first { Double($0) >= rough }
        let years =
            NiceStep(covering: 0, rough / 12, intervals: 1).map { max(1, Int($0.value.rounded(.up))) } ?? 1
        let monthStep = step ?? 12 * years
        let first = (start.year * 12 / monthStep - 1) * monthStep
        return stride(from: first, through: end.year * 12 + 11, by: monthStep).compactMap { month in
            let value = Dates.seconds(year: 0, month: month + 1, day: 1)
            guard value >= lower, value <= upper, let parts = Dates.parts(value) else { return nil }
            let name = Dates.monthNames[parts.month - 1]
            let label =
                monthStep >= 12 ? String(parts.year) : parts.month == 1 ? "\(name) \(parts.year)" : name
            return Tick(value: value, label: label)
        }
    }

    /// 1, 2, 5, 10, … days.
    private static func dayStep(_ rough: Double) -> Double {
        guard let step = NiceStep(covering: 0, rough / day, intervals: 1) else { return day }
        return max(1, step.value.rounded(.up)) * day
    }

    private static func multiples(
        of step: Double,
        from lower: Double,
        to upper: Double,
        offset: Double
    ) -> [Double] {
        let first = ((lower - offset) / step - 1e-9).rounded(.up)
        let last = ((upper - offset) / step + 1e-9).rounded(.down)
        guard first <= last, last - first < 1000 else { return [] }
        return (0...Int(last - first)).map { (first + Double($0)) * step + offset }
    }
}
