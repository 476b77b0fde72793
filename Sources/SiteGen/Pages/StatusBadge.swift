import Foundation

/// The badge that tells what a run is doing.
///
/// The script turns it to silent when the clock passes
/// `silentAfter`.
struct StatusBadge {
    let status: RunStatus
    let silentAfter: Date?
    let lastUpdate: Date?

    init(_ report: RunReport) {
        status = report.status
        silentAfter = report.silentAfter
        lastUpdate = report.lastUpdate
    }

    /// The word for scripts and style sheets.
    var key: String {
        switch status {
        case .running: "running"
        case .silent: "silent"
        case .completed: "completed"
        case .stopped: "stopped"
        case .error: "error"
        case .waiting: "waiting"
        }
    }

    var context: TemplateContext {
        let isRunning = status == .running
        return [
            .status: .text(key), .statusText: .text(key),
            .silentAfter: .optional(isRunning ? silentAfter.map(Wording.stamp) : nil),
            .since: .optional(isRunning ? lastUpdate.map(Wording.stamp) : nil),
        ]
    }

    /// What deserves a sentence atop the run's page.
    var notice: TemplateContext? {
        switch status {
        case .silent(let since):
            [
                .level: "warn", .title: "Silent.", .sinceMarkup: .markup(Wording.time(since)),
                .text: "The trainer has written nothing since",
            ]
        case .error(let message):
            [
                .level: "error", .title: "Stopped with an error.", .sinceMarkup: .absent,
                .text: .text(
                    message.isEmpty
                        ? "The log gives no reason." : Wording.shortened(message, to: TextLimit.text)
                ),
            ]
        default: nil
        }
    }
}
