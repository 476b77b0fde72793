import Yams

/// What the YAML reader says, in the form of every other problem.
enum YAMLProblem {
    /// The problem with its line.
    static func describe(_ error: any Error, yaml: String, source: String) -> ConfigurationProblem {
        guard let error = error as? YamlError else {
            return ConfigurationProblem(
                place: source,
                key: nil,
                reason: "it cannot be read as YAML: \(error)"
            )
        }
        let (line, reason): (Int?, String) =
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                (mark.line, "it is not YAML: \(problem)")
            case .reader(let problem, let offset, _, _):
                (offset.map { lineNumber(of: $0, in: yaml) }, "it is not YAML: \(problem)")
            case .duplicatedKeysInMapping(let duplicates, let context):
                (
                    context.mark.line > 0 ? context.mark.line : nil,
                    "\(duplicates.joined(separator: ", ")) is written twice; leave one out"
                )
            default: (nil, "it cannot be read as YAML: \(error)")
            }
        let place = line.map { "\(source):\($0)" } ?? source
        return ConfigurationProblem(place: place, key: nil, reason: reason)
    }

    private static func lineNumber(of offset: Int, in text: String) -> Int {
        1 + text.prefix(offset).utf8.count { $0 == UInt8(ascii: "\n") }
    }
}
