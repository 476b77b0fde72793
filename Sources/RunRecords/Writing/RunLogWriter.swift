import Glibc
import Synchronization

/// Writes a log of one run: `runs/<id>/metrics.jsonl`, or one beside it.
///
/// Every line is one JSON object and reaches the file by exactly one `write(2)` on an `O_APPEND` descriptor;
/// nothing is ever rewritten. So a reader that stops at the last newline always sees whole lines, whenever
/// it looks and however the writer ends. Safe to call from any thread; a call returns when the kernel has
/// the line.
///
/// ```swift
/// let log = try RunLogWriter(runs: "runs", id: "stage2-20251211")
/// try log.status(.running)
/// try log.metrics([("train/loss", 3.916)], step: 1200, epoch: 0)
/// ```
public final class RunLogWriter: Sendable {
    /// When a line is forced to the disk.
    ///
    /// Without it a line survives the death of the process at once, and that of the machine after the
    /// kernel's next write-back, on Linux within about half a minute.
    public enum SyncPolicy: Sendable {
        case never
        /// After every event (status, epoch, checkpoint, …) but not after metrics.
        case events
        case everyLine
    }

    /// The run's name.
    public let id: RunID
    /// The run's folder, `runs/<id>`.
    public let folder: String
    /// The log's path.
    public let path: String

    private let policy: SyncPolicy
    private let now: @Sendable () -> Double
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var file: AppendOnlyFile
        /// Kept between lines, so that a line costs no allocation.
        var line: [UInt8] = []
    }

    /// Creates the run's folder if needed and opens its log, going on with what is there.
    ///
    /// - Parameters:
    ///   - runs: The folder of all runs; created too.
    ///   - id: The run's name.
    ///   - file: The log's name in that folder: programs beside the trainer write logs of their own.
    ///   - sync: When lines are forced to the disk.
    ///   - now: The seconds since 1970 that lines are stamped with.
    /// - Throws: `RunRecordsError.invalidRunID`, `.write`.
    public init(
        runs: String,
        id: String,
        file: String = "metrics.jsonl",
        sync: SyncPolicy = .events,
        now: @escaping @Sendable () -> Double = RunLogWriter.wallClock
    ) throws(RunRecordsError) {
        self.id = try RunID(validating: id)
        folder = runs + "/" + id
        path = folder + "/" + file
        policy = sync
        self.now = now
        try RunFolder.create(folder)
        state = Mutex(State(file: try AppendOnlyFile(path: path)))
    }

    /// The time that a line written now would carry, in seconds since 1970.
    public var time: Double { now() }

    /// Appends one line as it is: no time is added.
    ///
    /// - Parameter fields: Keys and values in the order to write. Keys should be unique.
    /// - Throws: `RunRecordsError.write`, also when the disk took only a part of the line.
    public func append(_ fields: [(String, LogValue)]) throws(RunRecordsError) {
        try append(fields.map { LogField($0, $1) }, isEvent: false)
    }

    /// Appends measurements of one step, stamped with the time.
    ///
    /// - Parameters:
    ///   - metrics: Names such as `train/loss`, and values; NaN and infinities are kept as such.
    ///   - step: Optimiser steps done.
    ///   - epoch: The running epoch, from 0.
    /// - Throws: `RunRecordsError.write`, also for a metric named `time`, `step`, `epoch` or `event`.
    public func metrics(
        _ metrics: [(String, Double)],
        step: Int,
        epoch: Double? = nil
    )
        throws(RunRecordsError)
    {
        var fields = stamp(step: step, epoch: epoch)
        fields.reserveCapacity(fields.count + metrics.count)
        for (name, value) in metrics {
            guard !Self.reservedKeys.contains(name) else {
                throw .write(path: path, reason: "a metric cannot be named '\(name)': lines use that key")
            }
            fields.append(LogField(name, .number(value)))
        }
        try append(fields, isEvent: false)
    }

    /// Appends an event, stamped with the time.
    func event(_ name: String, step: Int?, epoch: Double?, fields: [LogField]) throws(RunRecordsError) {
        try append(
            stamp(step: step, epoch: epoch) + [LogField("event", .string(name))] + fields,
            isEvent: true
        )
    }

    /// Seconds since 1970 by the machine's clock, to the millisecond.
    public static let wallClock: @Sendable () -> Double = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Double(time.tv_sec) * 1_000 + Double(time.tv_nsec / 1_000_000)) / 1_000
    }

    private static let reservedKeys: Set<String> = ["time", "step", "epoch", "event"]

    private func stamp(step: Int?, epoch: Double?) -> [LogField] {
        var fields = [LogField("time", .number(now()))]
        if let step { fields.append(LogField("step", .integer(step))) }
        if let epoch { fields.append(LogField("epoch", .number(epoch))) }
        return fields
    }

    private func append(_ fields: [LogField], isEvent: Bool) throws(RunRecordsError) {
        let sync = policy == .everyLine || (policy == .events && isEvent)
        try state.withLock { state throws(RunRecordsError) in
            state.line.removeAll(keepingCapacity: true)
            LogValue.append(fields, to: &state.line)
            state.line.append(UInt8(ascii: "\n"))
            try state.file.append(&state.line, sync: sync)
        }
    }
}
