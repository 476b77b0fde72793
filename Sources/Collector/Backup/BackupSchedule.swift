/// When the next pass is due: a pure rule over outcomes and random numbers.
///
/// After success, an interval and some jitter. After failure sooner: a random part of 2, 4, 8 … seconds, growing
/// to the interval ("full jitter"), so that a host that comes back is served within a moment and one that stays
/// away is not besieged. What no repetition cures, a changed host key say, is tried once an interval.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
struct BackupSchedule: Sendable, Equatable {
    let interval: Duration
    let jitter: Duration
    /// How many passes have failed in a row.
    private(set) var failureCount = 0
    /// How long until the next pass.
    private(set) var delay: Duration

    /// Nothing is repeated faster than this.
    static let shortestDelay: Duration = .seconds(1)

    /// - Parameters:
    ///   - interval: how long from the end of one pass to the next.
    ///   - jitter: at most so much is added.
    ///   - secondsSinceSuccess: how long ago the last good pass ended; nil where there was none.
    init(interval: Duration, jitter: Duration, secondsSinceSuccess: Double?) {
        self.interval = max(interval, Self.shortestDelay)
        self.jitter = max(jitter, .zero)
        guard let secondsSinceSuccess else {
            delay = .zero
            return
        }
        // A wall clock may have jumped meanwhile: never wait longer than an interval.
        let elapsed = min(max(secondsSinceSuccess, 0), 1e9)
        delay = max(.zero, self.interval - .seconds(elapsed))
    }

    /// Takes in how a pass ended.
    ///
    /// - Parameters:
    ///   - error: why it failed; nil for a good one.
    ///   - random: between 0 and 1.
    mutating func passEnded(_ error: CollectorError?, random: Double) {
        let random = min(max(random, 0), 1)
        guard let error else {
            failureCount = 0
            delay = interval + jitter * random
            return
        }
        failureCount = min(failureCount + 1, 40)
        guard ![.fatal, .slow].contains(error.retryClass) else {
            delay = interval + jitter * random
            return
        }
        let ceiling = min(interval, .seconds(1 << min(failureCount, 30)))
        delay = min(interval, Self.shortestDelay + max(.zero, ceiling - Self.shortestDelay) * random)
    }
}
