import RunRecords

extension TrainingConfiguration {
    /// Keys that change no number of a run, besides those of the section `evaluation`.
    ///
    /// They say how often something is said, saved or shown, where it goes, and how many threads help.
    private static let incidentalKeys: Set<String> = [
        "training.log_interval", "training.save_interval", "training.keep_last_n", "training.checkpoint_dir",
        "training.resume_from", "training.eval_interval", "training.max_bad_steps", "data.num_workers",
        "data.feature_cache_gigabytes",
    ]

    /// Whether a run of one goes on as one of the other: they learn the same, and differ at most in how often something is
    /// said, saved or shown, and in how many threads help.
    ///
    /// - Parameter other: another configuration.
    /// - Returns: whether all numbers are the same.
    public func isSameTraining(as other: TrainingConfiguration) -> Bool {
        func essence(_ configuration: TrainingConfiguration) -> [String: SettingValue] {
            Self.essence(Self.sections.map { ($0.name, $0.values(configuration).map { ($0.key, $0.value) }) })
        }
        return essence(self) == essence(other)
    }

    /// The same for a configuration as `run.json` has it.
    ///
    /// - Parameter written: what stands behind `config`: ``members``, of this version or another one.
    /// - Returns: whether all numbers are the same; not where a key is missing or one is there that this version lacks.
    func isSameTraining(asWritten written: JSONValue) -> Bool {
        func essence(_ sections: [JSONMember]) -> [String: JSONValue] {
            Self.essence(sections.map { ($0.key, ($0.value.members ?? []).map { ($0.key, $0.value) }) })
        }
        return essence(members) == essence(written.members ?? [])
    }

    /// The values that decide about numbers, by their whole keys.
    private static func essence<Value>(
        _ sections: [(name: String, values: [(key: String, value: Value)])]
    ) -> [String: Value] {
        var essence: [String: Value] = [:]
        for (section, values) in sections where section != "evaluation" {
            for (key, value) in values where !incidentalKeys.contains("\(section).\(key)") {
                essence["\(section).\(key)"] = value
            }
        }
        return essence
    }
}
