import Files
import RunRecords

/// A run that ended before it had a checkpoint to go on from; all that is known of it is in its folder.
struct InterruptedRun: Sendable, Equatable {
    /// The run's name.
    let name: String
    /// How it ended: `it was killed before its first checkpoint`.
    let reason: String

    /// A longer log is not that of a run without a checkpoint.
    private static let maximumLogByteCount = 16 << 20

    /// What a run's folder tells.
    ///
    /// - Parameters:
    ///   - name: the run's.
    ///   - configuration: of the stage.
    ///   - options: which stage it is, and where runs are.
    /// - Returns: nil for a run of another stage or configuration, one that has or had a checkpoint to go on from, and one
    ///   that came to its end.
    static func find(
        _ name: String,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> InterruptedRun? {
        guard isSame(name, configuration, options) == true else { return nil }
        let path = "\(options.runs)/\(name)/metrics.jsonl"
        guard FileIdentity.find(path) != nil else { return InterruptedRun(name: name, ending: nil) }
        guard let log = try? OpenFile.reading(path).readAll(limit: maximumLogByteCount) else { return nil }
        return InterruptedRun(name: name, log: String(decoding: log, as: UTF8.self))
    }

    /// Whether a run may be of a stage and configuration: its folder is there, and does not say otherwise.
    ///
    /// - Parameters:
    ///   - name: the run's.
    ///   - configuration: of the stage.
    ///   - options: which stage it is, and where runs are.
    /// - Returns: also true where its description cannot be read.
    static func mayBe(
        _ name: String,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> Bool {
        FileIdentity.find("\(options.runs)/\(name)") != nil
            && isSame(name, configuration, options) ?? true
    }

    /// What its description says of its stage and configuration; nil where it cannot be read.
    private static func isSame(
        _ name: String,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> Bool? {
        guard (try? RunID(validating: name)) != nil,
            let bytes = try? OpenFile.reading("\(options.runs)/\(name)/run.json").readAll(limit: 1 << 20),
            let description = try? JSONParser.parse(bytes), let written = description["config"]
        else { return nil }
        return description["stage"]?.string == options.stage
            && configuration.isSameTraining(asWritten: written)
    }

    /// What a log tells; nil where the run has or had a checkpoint to go on from, or came to its end.
    ///
    /// - Parameters:
    ///   - name: the run's.
    ///   - log: all of its `metrics.jsonl`.
    init?(name: String, log: String) {
        var ending: JSONValue?
        for line in log.split(separator: "\n") where line.contains("\"event\"") {
            guard let event = try? JSONParser.parse(Array(line.utf8)) else { continue }
            switch event["event"]?.string {
            case "status": ending = event
            case "checkpoint" where event["kind"]?.string != "best": return nil
            default: continue
            }
        }
        self.init(name: name, ending: ending)
    }

    /// - Parameters:
    ///   - name: the run's.
    ///   - ending: the last status it told; nil where it was killed before it told any.
    private init?(name: String, ending: JSONValue?) {
        self.name = name
        let isBeforeFirstStep = (ending?["step"]?.number ?? 0) == 0
        switch ending?["status"]?.string {
        case nil, "running": reason = "it was killed before its first checkpoint"
        // One that went wrong later would go wrong again, and one that stopped had saved.
        case "error" where isBeforeFirstStep: reason = "it failed before its first step"
        case "stopped" where isBeforeFirstStep: reason = "it was stopped before its first step"
        default: return nil
        }
    }
}
