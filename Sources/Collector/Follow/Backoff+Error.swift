extension Backoff {
    /// A host that does not let us in is not asked more often: it may ban whoever tries too often.
    private static let slowestInterval = 600.0
    private static let slowInterval = 60.0

    /// How long to wait after a failure of this kind; half a minute to ten where a person has to do something.
    ///
    /// - Parameters:
    ///   - error: what failed.
    ///   - random: from 0 up to 1.
    /// - Returns: how long to wait.
    mutating func next(after error: CollectorError, random: Double) -> Duration {
        let delay = next(random: random)
        guard error.retryClass == .slow else { return delay }
        let limit = min(Self.slowestInterval, Self.slowInterval * Double(1 << min(max(attempts, 1) - 1, 6)))
        return .seconds(limit * (0.5 + min(max(random, 0), 1) / 2))
    }
}
