/// How many copies are kept of each series of checkpoints.
///
/// A copy goes only after enough newer *verified* ones are there, so the newest verified one always stays, and so
/// does the step with the largest number: a run that was restarted from an earlier step stores smaller numbers
/// later.
public struct Retention: Sendable, Hashable {
    /// How many steps, and how many states of each log; at least 1.
    public var keptStepCount: Int
    /// How many of each best; at least 1.
    public var keptBestCount: Int

    /// - Parameters:
    ///   - keptStepCount: how many steps; less than 1 counts as 1.
    ///   - keptBestCount: how many of each best; less than 1 counts as 1.
    public init(keptStepCount: Int = 3, keptBestCount: Int = 2) {
        self.keptStepCount = max(1, keptStepCount)
        self.keptBestCount = max(1, keptBestCount)
    }

    /// The entries that may go.
    ///
    /// - Parameter live: what is there, in the order in which it was stored.
    /// - Returns: some of them, oldest first; never the newest verified of a series, never a final.
    public func prunable(_ live: [ManifestEntry]) -> [ManifestEntry] {
        var newerCount: [CheckpointName.SeriesKey: Int] = [:]
        var largest: [CheckpointName.SeriesKey: Int] = [:]
        for entry in live where entry.isVerified && entry.kind == .step {
            guard let key = Self.series(of: entry), let step = entry.step else { continue }
            largest[key] = max(largest[key] ?? step, step)
        }
        var prunable: [ManifestEntry] = []
        for entry in live.reversed() {
            guard let key = Self.series(of: entry), let limit = limit(entry.kind) else { continue }
            let isLargest = entry.isVerified && entry.step != nil && entry.step == largest[key]
            if newerCount[key, default: 0] >= limit, !isLargest { prunable.append(entry) }
            if entry.isVerified { newerCount[key, default: 0] += 1 }
        }
        return prunable.reversed()
    }

    private func limit(_ kind: CheckpointName.Kind) -> Int? {
        switch kind {
        case .step, .history, .log: keptStepCount
        case .best: keptBestCount
        case .final: nil
        }
    }

    private static func series(of entry: ManifestEntry) -> CheckpointName.SeriesKey? {
        CheckpointName(entry.path)?.seriesKey(entry.path)
    }
}
