import Foundation

/// Tells what a run is doing from what it last said, how long ago, and how often it speaks.
///
/// A status in a log is a claim by a program that may be dead. So `running`, or no status at all, holds only
/// while lines keep coming: after five times the usual gap, and a minute at least, the run is silent. It
/// revives by itself with the next line.
struct StatusRule: Sendable {
    static let shortestSilenceSeconds = 60.0
    static let gapFactor = 5.0

    /// The newest status, unless metrics came after it.
    let claimed: EventLog.Status?
    /// The newest line's time, or the file's where lines tell none.
    let lastUpdate: Date?
    let medianGapSeconds: Double?
    let hasLines: Bool
    /// Whether every planned step is done.
    let hasReachedPlan: Bool

    /// When the run will count as silent unless it speaks; nil once it has ended or before it has begun.
    var silentAfter: Date? {
        guard hasLines, ending == nil, let lastUpdate else { return nil }
        let patience = max(Self.shortestSilenceSeconds, Self.gapFactor * (medianGapSeconds ?? 0))
        return lastUpdate.addingTimeInterval(patience)
    }

    func status(now: Date) -> RunStatus {
        guard hasLines else { return .waiting }
        if let ending { return ending }
        guard let lastUpdate, let silentAfter, now > silentAfter else { return .running }
        // A trainer that says no goodbye has nothing more to say once its plan is done.
        return hasReachedPlan ? .completed : .silent(since: lastUpdate)
    }

    /// How the run says it ended.
    private var ending: RunStatus? {
        switch claimed?.name {
        case "completed", "finished", "done": .completed
        case "stopped", "killed", "interrupted": .stopped
        case "error", "failed", "crashed": .error(message: claimed?.message ?? "")
        default: nil
        }
    }
}
