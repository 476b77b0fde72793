import Foundation

/// How the collector is: a line for each host on the page of all runs, one line on the page of a run.
enum CollectorBlock {
    /// On the page of all runs; nil where nothing is collected.
    static func context(_ report: CollectorReport?) -> TemplateContext? {
        guard let report else { return nil }
        return badge(report.state, since: report.since, silentAfter: report.silentAfter).merging([
            .hosts: .list(report.hosts.map { host($0, state: report.state) })
        ])
    }

    /// On the page of a run; nil where it is not collected or has ended.
    static func context(_ part: CollectorReport.Part?, of report: RunReport) -> TemplateContext? {
        guard let part, isActive(report.status) else { return nil }
        let isLost = part.state == .working && !(part.host?.isReachable ?? true)
        let badge =
            isLost
            ? hostBadge(isReachable: false)
            : self.badge(part.state, since: part.since, silentAfter: part.silentAfter)
        return badge.merging([
            .name: .text(part.run.host),
            .updatedMarkup: Wording.optionalTime(part.run.newestData, isRelative: true),
            .position: .optional(behind(part.run.lagSeconds)),
            .detail: .optional(
                part.run.vanishedCount > 0
                    ? "\(Wording.count(part.run.vanishedCount, "log")) gone at the host, kept here" : nil
            ),
            .sinceMarkup: isLost ? Wording.optionalTime(part.host?.since) : .absent,
            .message: .optional(part.host?.error),
        ])
    }

    /// Whether new data is to be expected, so that its age matters.
    static func isActive(_ status: RunStatus) -> Bool {
        switch status {
        case .running, .silent, .waiting: true
        case .completed, .stopped, .error: false
        }
    }

    private static func host(_ host: CollectorReport.Host, state: CollectorReport.State) -> TemplateContext {
        // What a dead collector last saw of a host says nothing about it.
        let badge =
            state == .working
            ? hostBadge(isReachable: host.isReachable) : StatusBadge.plain("waiting", "unknown")
        return badge.merging([
            .name: .text(host.name),
            .detail: .optional(host.channel),
            .caption: .text(Wording.count(host.fileCount, "log")),
            .position: .optional(behind(host.lagSeconds)),
            .sinceMarkup: Wording.optionalTime(host.since),
            .message: .optional(host.error),
        ])
    }

    private static func hostBadge(isReachable: Bool) -> TemplateContext {
        isReachable ? StatusBadge.plain("running", "reachable") : StatusBadge.plain("error", "unreachable")
    }

    private static func badge(
        _ state: CollectorReport.State,
        since: Date,
        silentAfter: Date
    ) -> TemplateContext {
        switch state {
        case .stopped: return StatusBadge.plain("stopped", "collector stopped")
        case .silent:
            return StatusBadge.plain(
                "silent",
                "collector silent since \(Dates.text(since.timeIntervalSince1970))"
            )
        case .working:
            return StatusBadge.plain("running", "collecting").merging([
                .silentAfter: .text(Wording.stamp(silentAfter)), .since: .text(Wording.stamp(since)),
            ])
        }
    }

    private static func behind(_ seconds: Double?) -> String? {
        seconds.map { "\(NumberFormat.duration(seconds: $0)) behind" }
    }
}

extension StatusBadge {
    /// A badge that no clock changes.
    static func plain(_ key: String, _ text: String) -> TemplateContext {
        [.status: .text(key), .statusText: .text(text), .silentAfter: .absent, .since: .absent]
    }
}
