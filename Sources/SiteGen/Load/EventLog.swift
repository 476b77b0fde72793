import Foundation
import RunRecords

/// The events of a run, the newest of each kind, as the rows of the tables that show them.
struct EventLog: Sendable {
    /// So many of each kind are kept; a page shows fewer.
    static let limit = 2000

    struct Status: Sendable, Equatable {
        let name: String
        let message: String
        let time: Double?
    }

    struct Epoch: Sendable, Equatable {
        let fields: JSONValue
        let step: Double?
        let time: Double?
    }

    /// The newest, and how many rows came before it.
    private(set) var status: Status?
    private(set) var statusRow = 0
    /// Events of any kind.
    private(set) var count = 0
    private(set) var epochs: [Epoch] = []
    private(set) var evaluations: [EvaluationRow] = []
    private(set) var checkpoints: [Checkpoint] = []
    private(set) var backups: [BackupRow] = []
    private(set) var samples: [JSONSample] = []
    private(set) var messages: [MessageRow] = []

    /// A sample as logged, before its files were looked for.
    struct JSONSample: Sendable, Equatable {
        let fields: JSONValue
        let step: Double?
        let time: Date?
    }

    /// A checkpoint that was written, or that was removed.
    struct Checkpoint: Sendable, Equatable {
        let row: CheckpointRow
        let isRemoved: Bool
    }

    /// The checkpoints that are there, the newest last: of those with one path the last that was written, unless it was
    /// removed.
    var presentCheckpoints: [CheckpointRow] {
        var paths: Set<String> = []
        let newest = checkpoints.reversed().filter { paths.insert($0.row.path).inserted }
        return newest.reversed().filter { !$0.isRemoved }.map(\.row)
    }

    /// The epoch that ended last.
    var newestEndedEpoch: Double? { epochs.last?.fields["epoch"]?.place }

    static func time(_ event: LogEvent) -> Double? {
        for key in RowAxis.timeKeys {
            if let time = event.fields[key]?.number.map(RowAxis.time), time.isFinite { return time }
        }
        return nil
    }

    /// - Parameters:
    ///   - event: As logged.
    ///   - step: Where the event stands on the run's axis.
    ///   - row: How many rows came before it.
    mutating func add(_ event: LogEvent, step: Double?, row: Int) {
        count += 1
        let fields = event.fields
        let seconds = Self.time(event)
        let time = seconds.map { Date(timeIntervalSince1970: $0) }
        func text(_ key: String) -> String { fields[key]?.string ?? "" }
        switch event.name {
        case "status":
            let status = Status(name: text("status"), message: text("message"), time: seconds)
            self.status = status
            statusRow = row
            note(.status, status.name, status.name, status.message, step, time)
        case "epoch":
            Self.append(Epoch(fields: fields, step: step, time: seconds), to: &epochs)
        case "eval":
            Self.append(
                EvaluationRow(
                    step: step,
                    epoch: fields["epoch"]?.place,
                    time: time,
                    wordErrorRate: fields["wer"]?.finite,
                    characterErrorRate: fields["cer"]?.finite,
                    transcripts: Self.transcripts(fields["samples"])
                ),
                to: &evaluations
            )
        case "checkpoint":
            Self.append(
                Checkpoint(
                    row: CheckpointRow(
                        path: text("path"),
                        bytes: fields["bytes"]?.finite,
                        kind: text("kind"),
                        sha256: fields["sha256"]?.string,
                        step: step,
                        epoch: fields["epoch"]?.place,
                        time: time,
                        backedUp: nil
                    ),
                    isRemoved: fields["removed"]?.bool ?? false
                ),
                to: &checkpoints
            )
        case "backup":
            Self.append(
                BackupRow(
                    path: text("path"),
                    destination: text("destination"),
                    succeeded: fields["ok"]?.bool ?? false,
                    bytes: fields["bytes"]?.finite,
                    seconds: fields["seconds"]?.finite,
                    message: text("message"),
                    time: time
                ),
                to: &backups
            )
        case "sample": Self.append(JSONSample(fields: fields, step: step, time: time), to: &samples)
        case "alert": note(.alert, text("level"), text("title"), text("text") + text("message"), step, time)
        case "note": note(.note, "", text("title"), text("text") + text("message"), step, time)
        // Another program's event: its words are worth keeping.
        default: note(.note, "", event.name, text("text") + text("message"), step, time)
        }
    }

    private mutating func note(
        _ kind: MessageRow.Kind,
        _ level: String,
        _ title: String,
        _ text: String,
        _ step: Double?,
        _ time: Date?
    ) {
        Self.append(
            MessageRow(kind: kind, level: level, title: title, text: text, step: step, time: time),
            to: &messages
        )
    }

    private static func transcripts(_ samples: JSONValue?) -> [Transcript] {
        (samples?.array ?? []).prefix(20).compactMap { sample in
            guard let reference = sample["reference"]?.string ?? sample["ref"]?.string else { return nil }
            let hypothesis = sample["hypothesis"]?.string ?? sample["hyp"]?.string ?? ""
            return Transcript(reference: reference, hypothesis: hypothesis)
        }
    }

    /// Drops the older half at twice the limit, so that keeping to it costs nothing per event.
    private static func append<Row>(_ row: Row, to rows: inout [Row]) {
        rows.append(row)
        if rows.count >= 2 * limit { rows.removeFirst(limit) }
    }
}
