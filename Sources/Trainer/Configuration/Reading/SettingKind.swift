/// What values a key takes.
struct SettingKind<Value: Sendable>: Sendable {
    /// The kind in a message: `a whole number`.
    let name: String
    /// The value; nil where it is of another kind, an error where it is of this kind and does not suit.
    let accept: @Sendable (SettingValue) throws(SettingFault) -> Value?
    /// How a value is written.
    let value: @Sendable (Value) -> SettingValue
}

extension SettingKind<Bool> {
    /// True or false.
    static let flag = SettingKind(
        name: "true or false",
        accept: { value throws(SettingFault) in
            guard case .flag(let flag) = value else { return nil }
            return flag
        },
        value: { .flag($0) }
    )
}

extension SettingKind<Int> {
    /// A whole number within bounds, also one written as `1e4` or `2.0`.
    static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind(
            name: "a whole number",
            accept: { value throws(SettingFault) in
                let number: Int
                switch value {
                case .integer(let integer): number = integer
                case .number(let double):
                    guard let exact = Int(exactly: double) else { return nil }
                    number = exact
                default: return nil
                }
                guard range.contains(number) else {
                    throw SettingFault(
                        reason: "\(number) is out of range; it goes from \(range.lowerBound) to "
                            + "\(range.upperBound)"
                    )
                }
                return number
            },
            value: { .integer($0) }
        )
    }
}

extension SettingKind<Double> {
    /// A number within bounds.
    static func number(_ interval: NumberInterval) -> SettingKind {
        SettingKind(
            name: "a number",
            accept: { value throws(SettingFault) in
                let number: Double
                switch value {
                case .integer(let integer): number = Double(integer)
                case .number(let double): number = double
                default: return nil
                }
                guard interval.contains(number) else {
                    throw SettingFault(reason: "\(value.phrase) is out of range; it goes \(interval)")
                }
                return number
            },
            value: { .number($0) }
        )
    }
}

extension SettingKind<String> {
    /// A word, a name or a path; not empty.
    static let text = SettingKind(
        name: "a text",
        accept: { value throws(SettingFault) in
            switch value {
            case .text(let text):
                guard !text.isEmpty, !text.utf8.contains(0) else {
                    throw SettingFault(reason: "\(value.phrase) is empty or has a NUL in it")
                }
                return text
            case .integer, .number:
                throw SettingFault(reason: "\(value.phrase) is a number; put a name in quotes")
            default: return nil
            }
        },
        value: { .text($0) }
    )
}

extension SettingKind<[String]> {
    /// One text or a list of them; null is the empty list.
    static let texts = SettingKind(
        name: "a text or a list of texts",
        accept: { value throws(SettingFault) in
            guard value != .null else { return [] }
            guard case .list(let values) = value else {
                return try SettingKind<String>.text.accept(value).map { [$0] }
            }
            var texts: [String] = []
            for element in values {
                guard let text = try SettingKind<String>.text.accept(element) else {
                    throw SettingFault(reason: "\(element.phrase) in the list is not a text")
                }
                texts.append(text)
            }
            return texts
        },
        value: { texts in
            switch texts.count {
            case 0: .null
            case 1: .text(texts[0])
            default: .list(texts.map { .text($0) })
            }
        }
    )
}

extension SettingKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of some words.
    static var choice: SettingKind {
        let words = Value.allCases.map(\.rawValue).joined(separator: " or ")
        return SettingKind(
            name: words,
            accept: { value throws(SettingFault) in
                guard case .text(let text) = value else { return nil }
                return Value(rawValue: text)
            },
            value: { .text($0.rawValue) }
        )
    }
}

/// Bounds of a number, with or without the bounds themselves.
struct NumberInterval: Sendable, CustomStringConvertible {
    private let lower: Double
    private let upper: Double
    private let includesLower: Bool
    private let includesUpper: Bool

    /// From one number to another, both included.
    static func from(_ lower: Double, to upper: Double) -> NumberInterval {
        NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: true)
    }

    /// Above one number, up to another one, which is included.
    static func above(_ lower: Double, to upper: Double) -> NumberInterval {
        NumberInterval(lower: lower, upper: upper, includesLower: false, includesUpper: true)
    }

    /// From one number, which is included, to below another one.
    static func from(_ lower: Double, below upper: Double) -> NumberInterval {
        NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: false)
    }

    /// Whether a number lies within; no NaN does.
    func contains(_ number: Double) -> Bool {
        (includesLower ? number >= lower : number > lower)
            && (includesUpper ? number <= upper : number < upper)
    }

    /// The bounds in a message.
    var description: String {
        "from \(includesLower ? "" : "above ")\(Self.text(lower)) to \(includesUpper ? "" : "below ")\(Self.text(upper))"
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
