/// Dates as loggers write them, `2025-12-11T15:31:00.5Z` and its looser cousins, to seconds since 1970.
enum TimestampParser {
    /// The moment a text names, in seconds since 1970; nil for anything that is no date with a time.
    ///
    /// Source: RFC 3339 §5.6, with the space for `T` it allows and the missing zone Python's `isoformat`
    /// leaves, read as UTC.
    static func secondsSince1970(_ text: [UInt8]) -> Double? {
        guard text.count >= 19, text.count <= 40 else { return nil }
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = digits(text[0..<4]), let month = digits(text[5..<7]), let day = digits(text[8..<10]),
            let hour = digits(text[11..<13]), let minute = digits(text[14..<16]),
            let second = digits(text[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = text[19...]
        var fraction = 0.0
        if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
            rest.removeFirst()
            var scale = 0.1
            while let digit = rest.first, (0x30...0x39).contains(digit) {
                fraction += Double(digit - 0x30) * scale
                scale /= 10
                rest.removeFirst()
            }
        }
        guard let zoneSeconds = zone(rest) else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        return Double(days * 86_400 + hour * 3600 + minute * 60 + second - zoneSeconds) + fraction
    }

    private static func zone(_ text: ArraySlice<UInt8>) -> Int? {
        if text.isEmpty || text.elementsEqual("Z".utf8) || text.elementsEqual("z".utf8) { return 0 }
        guard let sign = text.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return nil
        }
        let body = text.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard body.count == 4, let hours = digits(body[0..<2]), let minutes = digits(body[2..<4]) else {
            return nil
        }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// Days in the Gregorian calendar.
    ///
    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
