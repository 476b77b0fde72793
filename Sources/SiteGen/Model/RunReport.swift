import Foundation

/// One run as the pages show it: plain values, derived from `runs/<id>/` and an injected clock.
struct RunReport: Sendable, Equatable {
    /// Safe in paths and URLs: `[A-Za-z0-9._-]{1,128}`.
    let id: String
    /// What people call the run; the folder's or file's own name where `run.json` has none.
    ///
    /// Hostile.
    let name: String
    let engine: String?
    let stage: String?
    let hostName: String?
    let gpuName: String?
    let tags: [String]
    let notes: String
    /// The flattened configuration, in key order.
    let configuration: [ConfigurationEntry]
    /// The log's path below the folder of runs, for messages.
    let logPath: String

    let status: RunStatus
    let started: Date?
    /// The time of the newest line; the file's own modification time where lines carry no time.
    let lastUpdate: Date?
    /// When the run, if it stays quiet, will count as silent.
    ///
    /// Nil once it has ended.
    let silentAfter: Date?

    let progress: RunProgress
    /// What `x` of every series counts.
    let axis: XAxis
    /// Maps steps to epochs and wall time, ascending in step: at most 1,024 knots to interpolate between.
    let axisKnots: [AxisKnot]
    /// The steps at which a later attempt took over.
    let restarts: [Double]
    /// In order of first appearance in the log.
    let series: [SeriesReport]

    let epochs: [EpochRow]
    let evaluations: [EvaluationRow]
    let checkpoints: [CheckpointRow]
    let backups: [BackupRow]
    let samples: [SampleRow]
    let messages: [MessageRow]
    let problems: LogProblems

    /// Series by name.
    func series(named name: String) -> SeriesReport? { series.first { $0.name == name } }
}

/// One line of a run's configuration, nested keys joined by `.`.
struct ConfigurationEntry: Sendable, Equatable {
    let key: String
    let value: String
}

/// What a run is doing, derived from its log and the clock.
enum RunStatus: Sendable, Equatable {
    /// New lines arrive.
    case running
    /// The last status was running, or none was given, but nothing came since.
    case silent(since: Date)
    case completed
    case stopped
    case error(message: String)
    /// Nothing has been logged yet.
    case waiting
}

/// How far a run is and how fast it goes.
///
/// Whatever the run's own plan and clock do not tell is nil.
struct RunProgress: Sendable, Equatable {
    let step: Double?
    let totalSteps: Double?
    let epoch: Double?
    let totalEpochs: Double?
    /// How many epochs have passed, as far as the log tells: ``epoch`` itself, except that an epoch which is counted
    /// from 0, as most trainers do, is the one in the making, and counts when it has ended.
    let passedEpochs: Double?
    /// Measured over the recent lines of the newest attempt.
    let stepsPerSecond: Double?
    let etaSeconds: Double?
    /// Wall time from the first to the newest line.
    let elapsedSeconds: Double?
    /// Done share, 0…1.
    var fraction: Double? {
        guard let step, let totalSteps, totalSteps > 0 else { return nil }
        return min(1, max(0, step / totalSteps))
    }
}

/// What the horizontal axis of a chart counts.
enum XAxis: String, Sendable, Equatable, CaseIterable {
    case step, epoch
    /// Seconds since the run's first line.
    case relative
    /// Seconds since 1970, shown as dates.
    case wall
    /// Line numbers, for logs with neither steps nor times.
    case line
}

/// One known correspondence of step, epoch and wall time.
struct AxisKnot: Sendable, Equatable {
    let step: Double
    let epoch: Double?
    /// Seconds since 1970.
    let time: Double?
}

/// One `epoch` event.
struct EpochRow: Sendable, Equatable {
    let epoch: Double
    let averageLoss: Double?
    let ctcLoss: Double?
    let ceLoss: Double?
    let learningRate: Double?
    /// The newest word error rate evaluated up to this epoch's end, as a fraction.
    let wordErrorRate: Double?
    let time: Date?
    let durationSeconds: Double?
}

/// One `eval` event, or one line of an evaluation metric of a foreign log.
struct EvaluationRow: Sendable, Equatable {
    let step: Double?
    let epoch: Double?
    let time: Date?
    /// As fractions: 0.12 is 12 %.
    let wordErrorRate: Double?
    let characterErrorRate: Double?
    let transcripts: [Transcript]
}

/// One reference and what the model made of it.
struct Transcript: Sendable, Equatable {
    let reference: String
    let hypothesis: String
}

/// One `checkpoint` event.
struct CheckpointRow: Sendable, Equatable {
    let path: String
    let bytes: Double?
    /// `best`, `step` or `final`.
    let kind: String
    let sha256: String?
    let step: Double?
    let epoch: Double?
    let time: Date?
    /// The newest successful backup of this path.
    let backedUp: Date?
}

/// One `backup` event.
struct BackupRow: Sendable, Equatable {
    let path: String
    let destination: String
    let succeeded: Bool
    let bytes: Double?
    let seconds: Double?
    let message: String
    let time: Date?
}

/// One `sample` event: a clip of a talking avatar, or audio alone.
struct SampleRow: Sendable, Equatable {
    /// Below the run's folder, checked to stay inside it: `media/quest.mp4`.
    let videoPath: String?
    let audioPath: String?
    let posterPath: String?
    /// Further pictures by name: waveform, spectrogram, mouth openness.
    let pictures: [ConfigurationEntry]
    /// What the event names and the site does not show, with the reason.
    var refusals: [String] = []
    let text: String
    let transcript: String
    let voice: String
    let avatar: String
    let engine: String
    /// Whether a neural network drew it; nil where the event does not say.
    var isNeural: Bool?
    let step: Double?
    let time: Date?
    /// Named durations in seconds: speech, animation, encoding, total.
    let timings: [ConfigurationEntry]
}

/// One `status`, `alert` or `note` event.
struct MessageRow: Sendable, Equatable {
    enum Kind: String, Sendable, Equatable { case status, alert, note }
    let kind: Kind
    /// `running`, `completed`, … for a status; `info`, `warn`, `error` for an alert.
    let level: String
    let title: String
    let text: String
    let step: Double?
    let time: Date?
}

/// What could not be read.
struct LogProblems: Sendable, Equatable {
    /// Lines that are not a JSON object, each counted once.
    let badLineCount: Int
    /// The first and newest of them, as `path:line: reason`.
    let examples: [String]
    /// Bytes of a last line whose newline has not come yet.
    let unfinishedBytes: Int
    /// Why the log or `run.json` could not be read at all.
    let failures: [String]
}
