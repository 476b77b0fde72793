import Files
import Foundation
import RunRecords

extension RunReport {
    /// Assembles what is known of a run.
    ///
    /// - Parameters:
    ///   - log: The run, read as far as it goes.
    ///   - now: Decides between running and silent; nothing else depends on it.
    init(_ log: RunLog, now: Date) {
        let accumulator = log.accumulator
        let events = accumulator.events
        // A key whose values are all texts has a column without numbers.
        let reports = zip(accumulator.names, accumulator.series).filter { $1.ordinal > 0 }.map {
            $1.report(name: $0)
        }
        let modified = log.cursor.map {
            Date(timeIntervalSince1970: Double($0.identity.modifiedNanoseconds) / 1e9)
        }
        let lastUpdate = accumulator.pace.newestTime.map { Date(timeIntervalSince1970: $0) } ?? modified
        let hasLines = accumulator.rowCount > 0 || events.count > 0
        let rule = StatusRule(
            // A run that goes on after its end was begun again by a program that does not say so.
            claimed: accumulator.rowCount > events.statusRow ? nil : events.status,
            lastUpdate: lastUpdate,
            medianGapSeconds: accumulator.pace.medianGapSeconds,
            hasLines: hasLines,
            hasReachedPlan: RunProgress(log, reports, isOver: false).fraction == 1
        )
        let status = rule.status(now: now)
        let evaluations = EvaluationHistory.rows(events.evaluations, reports)
        let document = log.document
        let backups = Self.backups(log)

        self.init(
            id: log.source.id,
            name: document.name ?? log.source.name,
            engine: document.engine,
            stage: document.stage,
            hostName: document.hostName,
            gpuName: document.gpuName,
            tags: document.tags,
            notes: document.notes,
            configuration: ConfigurationEntry.flatten(document.configuration)
                + accumulator.texts.sorted { $0.key < $1.key }.map {
                    ConfigurationEntry(key: $0.key, value: $0.value)
                },
            logPath: log.source.displayPath,
            status: status,
            started: (document.started ?? accumulator.pace.firstTime).map { Date(timeIntervalSince1970: $0) },
            lastUpdate: hasLines ? lastUpdate : nil,
            silentAfter: rule.silentAfter,
            progress: RunProgress(log, reports, isOver: status.isOver),
            axis: accumulator.axis.axis,
            axisKnots: accumulator.knots.knots,
            restarts: Self.restarts(accumulator),
            series: reports,
            epochs: EpochTable.rows(events.epochs, evaluations, started: accumulator.pace.firstTime),
            evaluations: evaluations,
            checkpoints: Self.checkpoints(events, backups),
            backups: backups,
            samples: SampleReader.rows(events.samples, folder: log.source.folder),
            messages: events.messages,
            problems: Self.problems(log)
        )
    }

    /// The restarts of the series with the most points: every series has them, some only a part.
    private static func restarts(_ accumulator: RunAccumulator) -> [Double] {
        let fullest = accumulator.series.max { $0.ordinal < $1.ordinal }
        var steps: [Double] = []
        var known: Set<Double> = []
        for restart in fullest?.restarts ?? [] where known.insert(restart.x).inserted {
            steps.append(restart.x)
        }
        return Array(steps.suffix(100))
    }

    /// Attempts that the run itself logged and those that a backup beside it did, in the order of time.
    private static func backups(_ log: RunLog) -> [BackupRow] {
        let (own, beside) = (log.accumulator.events.backups, log.backups.rows)
        guard !own.isEmpty, !beside.isEmpty else { return own + beside }
        return (own + beside).enumerated().sorted { left, right in
            let (first, second) = (left.element.time ?? .distantPast, right.element.time ?? .distantPast)
            return (first, left.offset) < (second, right.offset)
        }
        .map(\.element)
    }

    private static func checkpoints(_ events: EventLog, _ backups: [BackupRow]) -> [CheckpointRow] {
        var backedUp: [String: Date] = [:]
        for backup in backups where backup.succeeded { backedUp[backup.path] = backup.time }
        return events.presentCheckpoints.map { row in
            CheckpointRow(
                path: row.path,
                bytes: row.bytes,
                kind: row.kind,
                sha256: row.sha256,
                step: row.step,
                epoch: row.epoch,
                time: row.time,
                backedUp: Self.savedTime(of: row, backedUp)
            )
        }
    }

    /// When a checkpoint was backed up: by its path below the run's folder, or, where a trainer keeps its checkpoints
    /// elsewhere and tells their whole paths, by the end of it: a backup tells the name of its source and what follows.
    private static func savedTime(of row: CheckpointRow, _ backedUp: [String: Date]) -> Date? {
        var saved = backedUp[row.path]
        if saved == nil, row.path.hasPrefix("/") {
            let components = row.path.split(separator: "/")
            for first in components.indices.dropLast() where saved == nil {
                saved = backedUp[components[first...].joined(separator: "/")]
            }
        }
        // A backup from before this checkpoint was written holds its predecessor.
        guard let saved, row.time.map({ saved >= $0 }) ?? true else { return nil }
        return saved
    }

    private static func problems(_ log: RunLog) -> LogProblems {
        let accumulator = log.accumulator
        let isArray = log.cursor?.isArray ?? false
        var failures = log.failures
        if accumulator.hasTooManySeries {
            failures.append(
                "\(log.source.displayPath): more than \(RunAccumulator.seriesLimit) different keys; "
                    + "the ones after these are not shown. Log a changing name as a value, not as a key."
            )
        }
        if accumulator.refusedValueCount > 0 {
            failures.append(
                "\(log.source.displayPath): \(accumulator.refusedValueCount) values were left out. A line may "
                    + "have 4,096 values, and a key 1,024 bytes. Log what belongs together in shorter lines."
            )
        }
        let unordered = zip(accumulator.names, accumulator.series).filter { $1.outOfOrderCount > 0 }.map(\.0)
        if let first = unordered.first {
            failures.append(
                "\(log.source.displayPath): the steps of \(first)"
                    + (unordered.count > 1 ? " and \(unordered.count - 1) more" : "")
                    + " go back more than \(RestartPlan.limit) times; only points that go on are shown. Let each "
                    + "process write a log of its own."
            )
        }
        return LogProblems(
            badLineCount: accumulator.badLineCount + log.backups.badLineCount,
            examples: accumulator.badLines.map {
                "\(log.source.displayPath):\(isArray ? "element " : "")\($0.line): \($0.reason)"
            } + log.backups.badLines.map { "\(RunSource.backupLogName):\($0.line): \($0.reason)" },
            unfinishedBytes: log.cursor?.unfinishedBytes ?? 0,
            failures: failures
        )
    }
}

extension RunStatus {
    /// Whether nothing more is to be expected.
    var isOver: Bool {
        switch self {
        case .completed, .stopped, .error: true
        case .running, .silent, .waiting: false
        }
    }
}

extension ConfigurationEntry {
    /// Nested keys joined by `.`, sorted, values as short text.
    static func flatten(_ value: JSONValue, prefix: String = "") -> [ConfigurationEntry] {
        guard let members = value.members else {
            return prefix.isEmpty ? [] : [ConfigurationEntry(key: prefix, value: text(value))]
        }
        return members.sorted { $0.key < $1.key }.flatMap {
            flatten($0.value, prefix: prefix.isEmpty ? $0.key : prefix + "." + $0.key)
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(describing: value)
        case .string(let value): value
        case .array(let values): values.map(text).joined(separator: ", ")
        case .object(let members): members.map { "\($0.key)=\(text($0.value))" }.joined(separator: ", ")
        }
    }
}
