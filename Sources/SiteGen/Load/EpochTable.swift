import Foundation
import RunRecords

/// The rows of the epoch table from `epoch` events.
enum EpochTable {
    /// - Parameters:
    ///   - events: In logged order. A restarted epoch is logged again: the newest counts.
    ///   - evaluations: For the error rate known when an epoch ended.
    ///   - started: When the first line was logged, in seconds since 1970.
    /// - Returns: One row per epoch, in logged order.
    static func rows(
        _ events: [EventLog.Epoch],
        _ evaluations: [EvaluationRow],
        started: Double?
    ) -> [EpochRow] {
        var rows: [EpochRow] = []
        var previousEnd = started
        for event in events {
            let fields = event.fields
            guard let epoch = fields["epoch"]?.place else { continue }
            rows.removeAll { $0.epoch >= epoch }
            let duration = event.time.flatMap { end in previousEnd.map { end - $0 } }
            previousEnd = event.time ?? previousEnd
            rows.append(
                EpochRow(
                    epoch: epoch,
                    averageLoss: first(fields, "avg_loss", "loss", "train_loss", "train/loss"),
                    ctcLoss: first(fields, "ctc_loss", "train/ctc_loss"),
                    ceLoss: first(fields, "ce_loss", "train/ce_loss"),
                    learningRate: first(fields, "learning_rate", "lr", "train/learning_rate"),
                    wordErrorRate: first(fields, "wer") ?? rate(evaluations, until: event),
                    time: event.time.map { Date(timeIntervalSince1970: $0) },
                    durationSeconds: first(fields, "seconds", "duration")
                        ?? duration.flatMap { $0 >= 0 ? $0 : nil }
                )
            )
        }
        return rows
    }

    private static func first(_ fields: JSONValue, _ keys: String...) -> Double? {
        for key in keys {
            if let value = fields[key]?.finite { return value }
        }
        return nil
    }

    private static func rate(_ evaluations: [EvaluationRow], until event: EventLog.Epoch) -> Double? {
        evaluations.last { row in
            guard row.wordErrorRate != nil else { return false }
            if let time = row.time?.timeIntervalSince1970, let end = event.time { return time <= end }
            if let step = row.step, let end = event.step { return step <= end }
            return false
        }?.wordErrorRate
    }
}
