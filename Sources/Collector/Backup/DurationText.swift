/// Lengths of time as people write them: `90s`, `30m`, `1h30m`, `2d`, `45` for seconds.
public enum DurationText {
    /// Reads a length of time.
    ///
    /// - Parameter text: numbers, each with `ms`, `s`, `m`, `h` or `d` behind it; a lone number is seconds.
    /// - Returns: nil for anything else, and for more than a hundred years.
    public static func parse(_ text: some StringProtocol) -> Duration? {
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { return nil }
        var milliseconds = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, digits.count <= 13,
                let number = Int(String(decoding: digits, as: UTF8.self))
            else { return nil }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { (0x61...0x7A).contains($0) }
            rest = rest[unit.endIndex...]
            let isLone = unit.isEmpty && digits.count == text.utf8.count
            guard let scale = isLone ? 1000 : units[String(decoding: unit, as: UTF8.self)] else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: scale)
            guard !overflows, product <= limit, milliseconds <= limit - product else { return nil }
            milliseconds += product
        }
        return .milliseconds(milliseconds)
    }

    private static let units = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    /// A hundred years, in milliseconds.
    private static let limit = 36_525 * 86_400_000
}
