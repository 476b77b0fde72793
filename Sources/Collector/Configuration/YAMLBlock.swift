import Yams

/// A mapping of a configuration file whose keys are known: each is taken out with its type, and an error names
/// the line and what was probably meant.
struct YAMLBlock {
    private let file: String
    private let what: String
    private let line: Int?
    private var values: [String: Node] = [:]

    /// Reads a file's text as YAML.
    ///
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``.
    static func compose(_ text: String, file: String) throws(CollectorError) -> Node? {
        do { return try Yams.compose(yaml: text) } catch {
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw .configuration(file: file, line: mark.line, reason: problem)
            case .duplicatedKeysInMapping(let keys, let context):
                throw .configuration(
                    file: file,
                    line: context.mark.line,
                    reason: "\(keys.joined(separator: ", ")) is there twice"
                )
            case let other:
                throw .configuration(
                    file: file,
                    line: nil,
                    reason: other.map { "\($0)" } ?? "\(error)"
                )
            }
        }
    }

    /// Takes a mapping apart.
    ///
    /// - Parameters:
    ///   - node: what stands there.
    ///   - what: it is, in words.
    ///   - line: where it begins; nil where its own first line tells that.
    ///   - file: where it is from.
    ///   - keys: what it may have.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``.
    init(
        _ node: Node?,
        what: String,
        line: Int? = nil,
        file: String,
        keys: [String]
    ) throws(CollectorError) {
        self.file = file
        self.what = what
        self.line = line ?? node?.mark?.line
        guard let mapping = node?.mapping else {
            throw .configuration(
                file: file,
                line: self.line,
                reason: "\(what) should be a list of keys and values: \(keys.joined(separator: ", "))"
            )
        }
        for (key, value) in mapping {
            guard let name = key.string, keys.contains(name) else {
                let name = key.string ?? "?"
                let advice =
                    Spelling.nearest(to: name, among: keys).map { "did you mean \($0)?" }
                    ?? "known are \(keys.joined(separator: ", "))"
                throw .configuration(
                    file: file,
                    line: key.mark?.line,
                    reason: "unknown key \(name); \(advice)"
                )
            }
            values[name] = value
        }
    }

    /// A text.
    func string(_ key: String) throws(CollectorError) -> String? {
        guard let node = values[key] else { return nil }
        guard let text = node.scalar?.string else { throw failure(key, "\(key) should be a text") }
        guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw failure(key, "\(key) is empty, or contains a control character")
        }
        return text
    }

    /// A text that must be there.
    func required(_ key: String, _ advice: String) throws(CollectorError) -> String {
        guard let text = try string(key) else {
            throw .configuration(file: file, line: line, reason: "\(what) has no \(key): \(advice)")
        }
        return text
    }

    /// A path, with `~/` for the home folder.
    func path(_ key: String) throws(CollectorError) -> String? { try string(key).map(HomePath.expand) }

    /// A length of time.
    func duration(_ key: String) throws(CollectorError) -> Duration? {
        guard let text = try string(key) else { return nil }
        guard let duration = DurationText.parse(text) else {
            throw failure(key, "\(key) should be a length of time such as 30m, 90s or 1h30m, not \(text)")
        }
        return duration
    }

    /// A number of at least 1.
    func count(_ key: String) throws(CollectorError) -> Int? {
        guard let text = try string(key) else { return nil }
        guard let count = Int(text), (1...1_000_000).contains(count) else {
            throw failure(key, "\(key) should be a number from 1, not \(text)")
        }
        return count
    }

    /// True or false.
    func flag(_ key: String) throws(CollectorError) -> Bool? {
        guard let node = values[key] else { return nil }
        guard let value = node.bool else { throw failure(key, "\(key) is true or false") }
        return value
    }

    /// What stands at a key, for values with a form of their own.
    func node(_ key: String) -> Node? { values[key] }

    /// Names of the user's own, each with what stands at it; none where nothing does.
    func entries(_ key: String, _ advice: String) throws(CollectorError) -> [(name: Node, value: Node)] {
        guard let node = values[key], node.null == nil else { return [] }
        guard let mapping = node.mapping else { throw failure(key, "\(key) should hold \(advice)") }
        return mapping.map { (name: $0.key, value: $0.value) }
    }

    /// A list.
    func sequence(_ key: String) throws(CollectorError) -> [Node]? {
        guard let node = values[key] else { return nil }
        guard let sequence = node.sequence else {
            throw failure(key, "\(key) should be a list, each entry beginning with a dash")
        }
        return Array(sequence)
    }

    /// What is wrong with a key's value, with its line.
    func failure(_ key: String, _ reason: String) -> CollectorError {
        .configuration(file: file, line: values[key]?.mark?.line ?? line, reason: reason)
    }
}
