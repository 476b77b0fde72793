/// A point in time as HTTP writes it, to the second.
///
/// Source: RFC 9110 §5.6.7.
struct HTTPDate: Hashable, Comparable, Sendable {
    let secondsSince1970: Int

    init(secondsSince1970: Int) { self.secondsSince1970 = secondsSince1970 }

    static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.secondsSince1970 < right.secondsSince1970 }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    var fixdate: String {
        let day = secondsSince1970.flooredQuotient(86_400)
        let second = secondsSince1970 - day * 86_400
        let date = CivilDate(daysSince1970: day)
        let weekday = Self.days[(4 + day).flooredRemainder(7)]
        let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        let year = String(date.year)
        let padded = String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
        return "\(weekday), \(two(date.day)) \(Self.months[date.month - 1]) \(padded) \(time) GMT"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Reads any of the three forms a recipient must accept; nil for anything else.
    ///
    /// - Parameters:
    ///   - text: the field's value.
    ///   - now: decides the century of a two-digit year: one that seems more than 50 years ahead is past.
    init?(_ text: String, now: HTTPDate) {
        // Fields are separated by spaces, commas, dashes and colons; what they mean depends on their number.
        let words = Array(text.utf8).split { $0 == 0x20 || $0 == 0x2C || $0 == 0x2D || $0 == 0x3A }
            .map { String(decoding: $0, as: UTF8.self) }
        let isFull: Bool
        let (dayWord, monthWord, yearWord, clock): (String, String, String, ArraySlice<String>)
        if words.count == 8, words[7] == "GMT" {  // Sun, 06 Nov 1994 … GMT  or  Sunday, 06-Nov-94 … GMT
            (dayWord, monthWord, yearWord, clock) = (words[1], words[2], words[3], words[4...6])
            isFull = yearWord.utf8.count == 4
            guard isFull || yearWord.utf8.count == 2 else { return nil }
        } else if words.count == 7 {  // Sun Nov  6 08:49:37 1994
            (dayWord, monthWord, yearWord, clock) = (words[2], words[1], words[6], words[3...5])
            isFull = true
            guard yearWord.utf8.count == 4 else { return nil }
        } else {
            return nil
        }
        let clockNumbers = clock.compactMap { Self.number($0, digits: 2...2) }
        guard
            Self.days.contains(where: { words[0].utf8.starts(with: $0.utf8) }),
            let month = Self.months.firstIndex(of: monthWord),
            let day = Self.number(dayWord, digits: 1...2), (1...31).contains(day),
            var year = Self.number(yearWord, digits: 2...4),
            clockNumbers.count == 3, clockNumbers[0] < 24, clockNumbers[1] < 60, clockNumbers[2] <= 60
        else { return nil }
        if !isFull {
            let current = CivilDate(daysSince1970: now.secondsSince1970.flooredQuotient(86_400)).year
            year += current - current % 100
            if year > current + 50 { year -= 100 }
        }
        let date = CivilDate(year: year, month: month + 1, day: day)
        let days = date.daysSince1970
        guard CivilDate(daysSince1970: days) == date else { return nil }  // 30 February
        secondsSince1970 = days * 86_400 + clockNumbers[0] * 3600 + clockNumbers[1] * 60 + clockNumbers[2]
    }

    private static func number(_ text: String, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(text)
    }
}

/// A day of the Gregorian calendar, extended backwards.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.
private struct CivilDate: Equatable {
    let year: Int
    let month: Int
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredQuotient(400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int {
    fileprivate func flooredQuotient(_ divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    fileprivate func flooredRemainder(_ divisor: Int) -> Int { self - flooredQuotient(divisor) * divisor }
}
