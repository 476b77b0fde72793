import Files

extension TrainingConfiguration {
    /// No configuration is longer; a file of data given by mistake is not read.
    private static let longestByteCount = 1 << 20

    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - path: a YAML file.
    ///   - overrides: changes of the command line, `training.batch_size=4`, applied in order after the file.
    /// - Returns: the file's values over the defaults.
    /// - Throws: ``TrainerError/invalidConfiguration(source:problems:)`` with every problem of file and overrides.
    public static func read(
        _ path: String,
        overrides: [String] = []
    ) throws(TrainerError) -> TrainingConfiguration {
        let bytes: [UInt8]
        do {
            bytes = try OpenFile.reading(path).readAll(limit: longestByteCount)
        } catch {
            throw .invalidConfiguration(
                source: path,
                problems: [ConfigurationProblem(place: path, key: nil, reason: error.explanation)]
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidConfiguration(
                source: path,
                problems: [
                    ConfigurationProblem(
                        place: path,
                        key: nil,
                        reason: "it is not UTF-8 text; save it as UTF-8"
                    )
                ]
            )
        }
        return try TrainingConfiguration(yaml: text, source: path, overrides: overrides)
    }

    /// Reads a configuration's text.
    ///
    /// - Parameters:
    ///   - yaml: the text of a YAML file.
    ///   - source: the file's name, for messages.
    ///   - overrides: changes of the command line, `training.batch_size=4`, applied in order after the file.
    /// - Throws: ``TrainerError/invalidConfiguration(source:problems:)`` with every problem of text and overrides.
    public init(yaml: String, source: String, overrides: [String] = []) throws(TrainerError) {
        var reader = ConfigurationReader(source: source)
        reader.read(yaml: yaml)
        for override in overrides { reader.apply(override: override) }
        self = try reader.finish()
    }
}

extension TrainerError {
    /// The message of a configuration that cannot be used: one line for each problem.
    static func text(source: String, problems: [ConfigurationProblem]) -> String {
        guard problems.count > 1 else { return problems.first?.description ?? source }
        let lines = problems.map { "\n\($0)" }.joined()
        return "\(source): the configuration has \(problems.count) problems\(lines)"
    }
}
