extension RunLogWriter {
    /// What a run reports to be doing.
    public enum Status: Sendable, Equatable {
        case running
        /// Done as planned.
        case completed
        /// Ended early on purpose.
        case stopped
        /// Ended by a failure that `message` explains.
        case error(message: String)

        /// The word in the log.
        var name: String {
            switch self {
            case .running: "running"
            case .completed: "completed"
            case .stopped: "stopped"
            case .error: "error"
            }
        }
    }

    /// What a checkpoint was kept for.
    public enum CheckpointKind: String, Sendable {
        case best, step, final
    }

    /// How urgent an alert is.
    public enum AlertLevel: String, Sendable {
        case info, warn, error
    }

    /// A reference text and what the model made of it.
    public struct Transcript: Sendable, Equatable {
        /// What was said.
        public let reference: String
        /// What was recognised.
        public let hypothesis: String

        /// Pairs the two.
        public init(reference: String, hypothesis: String) {
            self.reference = reference
            self.hypothesis = hypothesis
        }
    }

    /// Says what the run does now.
    ///
    /// - Parameters:
    ///   - status: The new state.
    ///   - message: Why, for people; an error brings its own.
    ///   - step: Optimiser steps done.
    /// - Throws: `RunRecordsError.write`.
    public func status(_ status: Status, message: String? = nil, step: Int? = nil) throws(RunRecordsError) {
        var fields = [LogField("status", .string(status.name))]
        if case .error(let reason) = status {
            fields.append(LogField("message", .string(reason)))
        } else if let message {
            fields.append(LogField("message", .string(message)))
        }
        try event("status", step: step, epoch: nil, fields: fields)
    }

    /// Closes an epoch with its averages.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that ended, from 0.
    ///   - step: Optimiser steps done.
    ///   - averages: In the order to write: `avg_loss`, `ctc_loss`, `ce_loss`, `learning_rate`, …
    /// - Throws: `RunRecordsError.write`.
    public func epoch(_ epoch: Int, step: Int, averages: [(String, Double)]) throws(RunRecordsError) {
        try event(
            "epoch",
            step: step,
            epoch: Double(epoch),
            fields: averages.map { LogField($0, .number($1)) }
        )
    }

    /// Records an evaluation.
    ///
    /// - Parameters:
    ///   - step: Optimiser steps done.
    ///   - epoch: The running epoch.
    ///   - scores: `wer` and `cer` as fractions, and whatever else was measured.
    ///   - samples: Some references with their hypotheses.
    /// - Throws: `RunRecordsError.write`.
    public func evaluation(
        step: Int,
        epoch: Double? = nil,
        scores: [(String, Double)],
        samples: [Transcript] = []
    ) throws(RunRecordsError) {
        var fields = scores.map { LogField($0, .number($1)) }
        if !samples.isEmpty {
            let values = samples.map { sample in
                LogValue.object([
                    LogField("reference", .string(sample.reference)),
                    LogField("hypothesis", .string(sample.hypothesis)),
                ])
            }
            fields.append(LogField("samples", .array(values)))
        }
        try event("eval", step: step, epoch: epoch, fields: fields)
    }

    /// Records a checkpoint that lies complete on the disk.
    ///
    /// - Parameters:
    ///   - path: Below the run's folder: `checkpoints/best.safetensors`.
    ///   - bytes: The file's size.
    ///   - kind: What it was kept for.
    ///   - sha256: 64 hexadecimal digits, where known.
    ///   - step: Optimiser steps done.
    ///   - epoch: The running epoch.
    /// - Throws: `RunRecordsError.write`.
    public func checkpoint(
        path: String,
        bytes: Int,
        kind: CheckpointKind,
        sha256: String? = nil,
        step: Int,
        epoch: Double? = nil
    ) throws(RunRecordsError) {
        var fields = [
            LogField("path", .string(path)), LogField("bytes", .integer(bytes)),
            LogField("kind", .string(kind.rawValue)),
        ]
        if let sha256 { fields.append(LogField("sha256", .string(sha256))) }
        try event("checkpoint", step: step, epoch: epoch, fields: fields)
    }

    /// Records that a checkpoint was removed, to make room for newer ones.
    ///
    /// - Parameters:
    ///   - path: As it was recorded when it was written.
    ///   - step: The step at which it was removed.
    /// - Throws: `RunRecordsError.write`.
    public func checkpointRemoved(path: String, step: Int) throws(RunRecordsError) {
        try event(
            "checkpoint",
            step: step,
            epoch: nil,
            fields: [LogField("path", .string(path)), LogField("removed", .bool(true))]
        )
    }

    /// Records an attempt to copy a file to safety.
    ///
    /// - Parameters:
    ///   - path: What was copied, below the run's folder.
    ///   - destination: Where to, without any credentials.
    ///   - succeeded: Whether the copy is complete and verified.
    ///   - bytes: How much was sent.
    ///   - seconds: How long it took.
    ///   - message: Why it failed, or a remark.
    ///   - verification: How far the copy is known to be what was copied.
    ///   - sha256: 64 hexadecimal digits, where known.
    /// - Throws: `RunRecordsError.write`.
    public func backup(
        path: String,
        destination: String,
        succeeded: Bool,
        bytes: Int? = nil,
        seconds: Double? = nil,
        message: String? = nil,
        verification: String? = nil,
        sha256: String? = nil
    ) throws(RunRecordsError) {
        var fields = [
            LogField("path", .string(path)), LogField("destination", .string(destination)),
            LogField("ok", .bool(succeeded)),
        ]
        if let bytes { fields.append(LogField("bytes", .integer(bytes))) }
        if let seconds { fields.append(LogField("seconds", .number(seconds))) }
        if let message { fields.append(LogField("message", .string(message))) }
        if let verification { fields.append(LogField("verification", .string(verification))) }
        if let sha256 { fields.append(LogField("sha256", .string(sha256))) }
        try event("backup", step: nil, epoch: nil, fields: fields)
    }

    /// Records a clip: paths of media, text, voice, avatar, engine, timings.
    ///
    /// - Parameters:
    ///   - fields: In the order to write.
    ///   - step: Optimiser steps done.
    /// - Throws: `RunRecordsError.write`.
    public func sample(_ fields: [(String, LogValue)], step: Int? = nil) throws(RunRecordsError) {
        try event("sample", step: step, epoch: nil, fields: fields.map { LogField($0, $1) })
    }

    /// Raises something people should look at.
    ///
    /// - Parameters:
    ///   - title: A few words.
    ///   - text: The whole of it.
    ///   - level: How urgent it is.
    ///   - step: Optimiser steps done.
    /// - Throws: `RunRecordsError.write`.
    public func alert(
        _ title: String,
        text: String,
        level: AlertLevel = .warn,
        step: Int? = nil
    )
        throws(RunRecordsError)
    {
        try event(
            "alert",
            step: step,
            epoch: nil,
            fields: [
                LogField("level", .string(level.rawValue)), LogField("title", .string(title)),
                LogField("text", .string(text)),
            ]
        )
    }

    /// Leaves a remark.
    ///
    /// - Parameters:
    ///   - text: The remark.
    ///   - step: Optimiser steps done.
    /// - Throws: `RunRecordsError.write`.
    public func note(_ text: String, step: Int? = nil) throws(RunRecordsError) {
        try event("note", step: step, epoch: nil, fields: [LogField("text", .string(text))])
    }
}
