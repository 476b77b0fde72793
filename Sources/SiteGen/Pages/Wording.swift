import Foundation

/// Values as the pages write them: one way of saying a thing everywhere.
enum Wording {
    /// A moment: UTC for readers without scripts, shown relative or local by the script.
    ///
    /// - Parameters:
    ///   - date: the moment; a dash where it is missing.
    ///   - isRelative: whether its age tells more than its hour.
    /// - Returns: markup.
    static func time(_ date: Date?, isRelative: Bool = false) -> String {
        guard let date else { return missing }
        let seconds = date.timeIntervalSince1970
        let attributes = "datetime=\"\(Dates.iso8601(seconds))\" data-time=\"\(stamp(date))\""
        return "<time \(attributes)\(isRelative ? " data-relative" : "")>\(Dates.text(seconds))</time>"
    }

    /// A moment for scripts: seconds since 1970, to the millisecond.
    static func stamp(_ date: Date) -> String {
        NumberFormat.exact((date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// A moment that may be missing, as a template value.
    static func optionalTime(_ date: Date?, isRelative: Bool = false) -> TemplateValue {
        date == nil ? .absent : .markup(time(date, isRelative: isRelative))
    }

    /// A measured value, or a dash.
    static func value(_ value: Double?) -> String { value.map(NumberFormat.value) ?? missing }

    /// A share as percent, or a dash.
    static func percent(_ fraction: Double?) -> String {
        fraction.map { NumberFormat.percent(fraction: $0) } ?? missing
    }

    /// A size, or a dash.
    static func bytes(_ count: Double?) -> String { count.map(NumberFormat.bytes) ?? missing }

    /// A span of time, or a dash.
    static func duration(_ seconds: Double?) -> String {
        seconds.map { NumberFormat.duration(seconds: $0) } ?? missing
    }

    /// A step in full, digits grouped by thin spaces: steps are looked up, so none is rounded.
    static func step(_ step: Double?) -> String {
        guard let step, step.isFinite else { return missing }
        guard step == step.rounded(), abs(step) < 1e15 else { return NumberFormat.value(step) }
        return grouped(Int(step))
    }

    /// An epoch as logged: `3`, `0.25`.
    static func epoch(_ epoch: Double?) -> String { value(epoch) }

    /// A whole number with its digits grouped: `1 000 000`, `-12 345`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude).utf8)
        guard digits.count > 4 else { return String(number) }
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }

    /// A number and what it counts: `1 run`, `12 runs`.
    static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// A text cut to so many bytes, at a character's end, with an ellipsis where something is missing.
    ///
    /// Names and values come from logs and may be megabytes long.
    static func shortened(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end > text.startIndex, String.Index(end, within: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text.unicodeScalars[..<end]) + "…"
    }

    /// How much of a list a table shows, and where the rest is.
    static func caption(shown: Int, of total: Int, _ noun: String) -> String {
        shown < total
            ? "The newest \(grouped(shown)) of \(count(total, noun)); all of them are in the JSON data."
            : count(total, noun)
    }

    static let missing = NumberFormat.missing
}

/// The longest texts pages show, in bytes.
enum TextLimit {
    /// Names and titles.
    static let name = 200
    /// One configuration value, path or reason.
    static let value = 500
    /// Notes, transcripts, messages.
    static let text = 4_000
}
