import RunRecords

/// Reads one JSON object of an avatar's file: every field by name, every number within its range, nothing left over.
struct FieldReader {
    let path: String
    private let place: String
    private let members: [JSONMember]
    private var read: Set<String> = []

    init(_ value: JSONValue, path: String, place: String = "") throws(AvatarError) {
        self.path = path
        self.place = place
        guard let members = value.members else {
            throw .avatarInvalid(path: path, field: place, reason: "an object in braces is needed")
        }
        self.members = members
        var seen: Set<String> = []
        for member in members where !seen.insert(member.key).inserted {
            throw .avatarInvalid(path: path, field: name(member.key), reason: "it is given twice")
        }
    }

    private func name(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

    func failure(_ key: String, _ reason: String) -> AvatarError {
        .avatarInvalid(path: path, field: name(key), reason: reason)
    }

    private mutating func value(_ key: String) -> JSONValue? {
        read.insert(key)
        return members.last { $0.key == key }?.value
    }

    /// A number; the default unless given.
    mutating func number(
        _ key: String,
        in range: ClosedRange<Double>,
        default standard: Double
    ) throws(AvatarError) -> Double {
        guard let value = value(key) else { return standard }
        guard case .number(let number) = value, range.contains(number) else {
            throw failure(key, "a number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return number
    }

    mutating func flag(_ key: String, default standard: Bool) throws(AvatarError) -> Bool {
        guard let value = value(key) else { return standard }
        guard let flag = value.bool else { throw failure(key, "true or false is needed") }
        return flag
    }

    mutating func text(
        _ key: String,
        limit: Int,
        default standard: String? = nil
    ) throws(AvatarError) -> String {
        guard let value = value(key) else {
            guard let standard else { throw failure(key, "it is missing") }
            return standard
        }
        guard let text = value.string, !text.isEmpty, text.unicodeScalars.count <= limit,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw failure(key, "a text of 1 to \(limit) characters is needed") }
        return text
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        default standard: Choice? = nil
    ) throws(AvatarError) -> Choice where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        guard let value = value(key) else {
            guard let standard else { throw failure(key, "it is missing: one of \(names)") }
            return standard
        }
        guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
            throw failure(key, "one of \(names) is needed")
        }
        return choice
    }

    mutating func color(_ key: String, default standard: Color? = nil) throws(AvatarError) -> Color {
        guard let color = try optionalColor(key) ?? standard else { throw failure(key, "it is missing") }
        return color
    }

    mutating func optionalColor(_ key: String) throws(AvatarError) -> Color? {
        guard let value = value(key) else { return nil }
        guard let color = value.string.flatMap(Color.init(hex:)) else {
            throw failure(key, "a colour such as \"#E8B594\" is needed")
        }
        return color
    }

    /// An object within this one; an empty one unless given.
    mutating func object(_ key: String) throws(AvatarError) -> FieldReader {
        try FieldReader(value(key) ?? .object([]), path: path, place: name(key))
    }

    func contains(_ key: String) -> Bool { members.contains { $0.key == key } }

    /// The objects of a list; none unless given.
    mutating func objects(_ key: String, limit: Int) throws(AvatarError) -> [FieldReader] {
        guard let value = value(key) else { return [] }
        guard let values = value.array, values.count <= limit else {
            throw failure(key, "a list of at most \(limit) is needed")
        }
        var readers: [FieldReader] = []
        for (index, value) in values.enumerated() {
            readers.append(try FieldReader(value, path: path, place: "\(name(key))[\(index)]"))
        }
        return readers
    }

    /// Points `[x, y]` within the picture and a little around it.
    mutating func points(_ key: String, count: ClosedRange<Int>) throws(AvatarError) -> [Point] {
        guard let values = value(key)?.array, count.contains(values.count) else {
            throw failure(key, "a list of \(count.lowerBound) to \(count.upperBound) points [x, y] is needed")
        }
        var points: [Point] = []
        for (index, value) in values.enumerated() {
            guard let pair = value.array, pair.count == 2, case .number(let x) = pair[0],
                case .number(let y) = pair[1], abs(x) <= 4, abs(y) <= 4
            else { throw failure("\(key)[\(index)]", "a pair [x, y] of numbers from -4 to 4 is needed") }
            points.append(Point(x, y))
        }
        return points
    }

    /// A place in a picture, `[x, y]` from 0 to 1.
    mutating func place(_ key: String) throws(AvatarError) -> SIMD2<Double> {
        guard let pair = value(key)?.array, pair.count == 2, case .number(let x) = pair[0],
            case .number(let y) = pair[1], (0...1).contains(x), (0...1).contains(y)
        else { throw failure(key, "a pair [x, y] of numbers from 0 to 1 is needed") }
        return SIMD2(x, y)
    }

    /// Refuses what nobody read: most often a misspelt name.
    func finish() throws(AvatarError) {
        for member in members where !read.contains(member.key) {
            let known = read.sorted().joined(separator: ", ")
            throw failure(String(member.key.prefix(60)), "no such field; there are: \(known)")
        }
    }
}
