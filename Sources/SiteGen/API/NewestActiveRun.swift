import Foundation

/// Which run `api/training-status.json` is about.
enum NewestActiveRun {
    /// Of the runs that are running the one that started last; else the one that wrote last.
    ///
    /// Not the running one that wrote last: with two at once that would change with every line. Runs that
    /// agree in their times are told apart by name, so the choice never depends on the order given.
    static func choose(among reports: [RunReport]) -> RunReport? {
        let running = reports.filter { $0.status == .running }
        return running.isEmpty
            ? reports.max { precedes($0, $1) { $0.lastUpdate ?? $0.started } }
            : running.max { precedes($0, $1) { $0.started ?? $0.lastUpdate } }
    }

    private static func precedes(_ left: RunReport, _ right: RunReport, by time: (RunReport) -> Date?) -> Bool
    {
        let (leftTime, rightTime) = (time(left) ?? .distantPast, time(right) ?? .distantPast)
        guard leftTime == rightTime else { return leftTime < rightTime }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}
