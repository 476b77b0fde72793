import Foundation

/// What several of the site's JSON files say about a run in the same words.
extension JSONWriter {
    /// `status`, and what belongs to it.
    mutating func statusMembers(of report: RunReport) {
        member("status", StatusWord.word(for: report.status))
        if case .error(let message) = report.status { member("statusMessage", message) }
        if case .silent(let since) = report.status { member("silentSince", since) }
        member("started", report.started)
        member("lastUpdate", report.lastUpdate)
        member("silentAfter", report.silentAfter)
    }

    /// `progress`: where the run is in its own plan.
    mutating func progressMember(of report: RunReport) {
        let progress = report.progress
        member(object: "progress") { writer in
            writer.member("step", progress.step)
            writer.member("totalSteps", progress.totalSteps)
            writer.member("epoch", progress.epoch)
            writer.member("totalEpochs", progress.totalEpochs)
            writer.member("fraction", progress.fraction)
            writer.member("stepsPerSecond", progress.stepsPerSecond)
            writer.member("etaSeconds", progress.etaSeconds)
            writer.member("elapsedSeconds", progress.elapsedSeconds)
        }
    }

    /// A logged point as `{"x":…,"y":…}`.
    mutating func member(_ key: String, point: DataPoint?) {
        self.key(key)
        guard let point else { return null() }
        object { writer in
            writer.member("x", point.x)
            writer.member("y", point.y)
        }
    }
}

/// The words for what a run is doing.
enum StatusWord {
    static func word(for status: RunStatus) -> String {
        switch status {
        case .running: "running"
        case .silent: "silent"
        case .completed: "completed"
        case .stopped: "stopped"
        case .error: "error"
        case .waiting: "waiting"
        }
    }
}
