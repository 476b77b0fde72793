import Foundation

/// `api/training-status.json`: the status of one run in the shape that the first dashboard served.
///
/// Its readers expect flat camelCase keys, word error rates and GPU load in percent, GPU memory in GB,
/// speed in steps per second, the time to go in seconds and times as ISO 8601. What the run does not tell is
/// `null`, never a guess.
enum TrainingStatusJSON {
    /// Rows of `lossHistory` at most: what the old pages drew without becoming slow.
    static let historyLimit = 500

    /// The status of a run; of none at all, the same keys with nothing in them.
    static func bytes(for report: RunReport?) -> [UInt8] {
        let known = report.map { KnownMetric.series(of: $0) } ?? [:]
        return JSONWriter.object(reservingBytes: 65_536) { writer in
            writer.member(object: "metrics") { metrics(report, known, &$0) }
            writer.member(array: "history", report?.epochs ?? [], epoch)
            lossHistory(known, &writer)
            writer.member(array: "backupHistory", report?.backups ?? []) { writer, row in
                writer.object { backup(row, &$0) }
            }
            writer.member(array: "werHistory", wordErrorRates(report)) { writer, row in
                writer.object { writer in
                    writer.member("step", row.step)
                    writer.member("epoch", row.epoch)
                    writer.member(percent: "wer", row.wordErrorRate)
                    writer.member(percent: "cer", row.characterErrorRate)
                    writer.member("time", timestamp(row.time))
                }
            }
        }
    }

    private static func metrics(
        _ report: RunReport?,
        _ known: [KnownMetric: SeriesReport],
        _ writer: inout JSONWriter
    ) {
        func latest(_ metric: KnownMetric) -> Double? { known[metric]?.last?.y }
        let progress = report?.progress
        writer.member("id", report?.id)
        writer.member("name", report?.name)
        writer.member("epoch", progress?.epoch)
        writer.member("step", progress?.step)
        writer.member("totalSteps", progress?.totalSteps)
        writer.member("totalEpochs", progress?.totalEpochs)
        writer.member("loss", latest(.loss))
        writer.member("ctcLoss", latest(.ctcLoss))
        writer.member("ceLoss", latest(.ceLoss))
        writer.member(percent: "wer", wordErrorRates(report).last?.wordErrorRate)
        writer.member("learningRate", latest(.learningRate))
        writer.member("speed", progress?.stepsPerSecond ?? latest(.stepsPerSecond))
        writer.member("gpuMemory", latest(.gpuMemory))
        writer.member("gpuUtil", latest(.gpuUtilisation))
        writer.member("eta", progress?.etaSeconds?.rounded())
        writer.member("status", report.map { StatusWord.word(for: $0.status) } ?? "waiting")
        writer.member("lastUpdate", timestamp(report?.lastUpdate))
        writer.member("stage", report?.stage)
        writer.key("backup")
        if let newest = report?.backups.last {
            writer.object { backup(newest, &$0) }
        } else {
            writer.null()
        }
    }

    private static func epoch(_ writer: inout JSONWriter, _ row: EpochRow) {
        writer.object { writer in
            writer.member("epoch", row.epoch)
            writer.member("loss", row.averageLoss)
            writer.member("ctcLoss", row.ctcLoss)
            writer.member("ceLoss", row.ceLoss)
            writer.member("learningRate", row.learningRate)
            writer.member(percent: "wer", row.wordErrorRate)
            writer.member("time", timestamp(row.time))
            writer.member("seconds", row.durationSeconds)
        }
    }

    /// Loss against step, with its two parts as they stood at that step.
    private static func lossHistory(_ known: [KnownMetric: SeriesReport], _ writer: inout JSONWriter) {
        func points(_ metric: KnownMetric) -> [DataPoint] { known[metric]?.points ?? [] }
        let (loss, ctc, ce) = (points(.loss), points(.ctcLoss), points(.ceLoss))
        // A run that logs only the parts still has a history.
        let steps = [loss, ctc, ce].first { !$0.isEmpty } ?? []
        var (ctcCursor, ceCursor) = (Cursor(ctc), Cursor(ce))
        writer.member(array: "lossHistory", HistoryThinning.thin(steps, limit: historyLimit)) {
            writer,
            point in
            writer.object { writer in
                writer.member("step", point.x)
                writer.member("loss", loss.isEmpty ? nil : point.y)
                writer.member("ctcLoss", ctc.isEmpty ? nil : ctcCursor.value(at: point.x))
                writer.member("ceLoss", ce.isEmpty ? nil : ceCursor.value(at: point.x))
            }
        }
    }

    private static func backup(_ row: BackupRow, _ writer: inout JSONWriter) {
        writer.member("path", row.path)
        writer.member("destination", row.destination)
        writer.member("ok", row.succeeded)
        writer.member("bytes", row.bytes)
        writer.member("seconds", row.seconds)
        writer.member("message", row.message)
        writer.member("time", timestamp(row.time))
    }

    private static func wordErrorRates(_ report: RunReport?) -> [EvaluationRow] {
        (report?.evaluations ?? []).filter { $0.wordErrorRate != nil }
    }

    private static func timestamp(_ date: Date?) -> String? { date.map { Dates.iso8601($0) } }

    /// Walks a series whose `x` never decreases.
    private struct Cursor {
        private let points: [DataPoint]
        private var next = 0

        init(_ points: [DataPoint]) { self.points = points }

        /// The newest value at or before `x`; calls must not go back.
        mutating func value(at x: Double) -> Double? {
            while next < points.count, points[next].x <= x { next += 1 }
            return next > 0 ? points[next - 1].y : nil
        }
    }
}

extension JSONWriter {
    /// A fraction in percent, rounded to hide the product's last bits.
    fileprivate mutating func member(percent key: String, _ fraction: Double?) {
        self.key(key)
        guard let fraction else { return null() }
        value(fraction * 100, significantDigits: 9)
    }
}
