/// When one file is looked at next: often while it grows, ever less often while it does not.
struct PollPace: Sendable, Hashable {
    private(set) var interval: Duration
    private(set) var due: Duration

    /// A file that is looked at as soon as possible.
    init(_ schedule: PollSchedule, now: Duration) {
        interval = schedule.activeInterval
        due = now
    }

    /// - Parameters:
    ///   - hasChanged: whether the look was not in vain.
    ///   - now: when it was.
    ///   - schedule: how often files are looked at.
    ///   - slowest: the longest interval for now.
    mutating func noteLook(
        hasChanged: Bool,
        at now: Duration,
        _ schedule: PollSchedule,
        slowest: Duration
    ) {
        interval =
            hasChanged ? schedule.activeInterval : min(interval * 1.5, max(slowest, schedule.activeInterval))
        due = now + interval
    }

    /// Looks at the file as soon as possible.
    mutating func hurry(_ now: Duration) { due = min(due, now) }

    /// Leaves the file for a while, after a failure.
    mutating func wait(_ delay: Duration, from now: Duration) { due = now + delay }
}

/// How long to wait after failures: up to 1 s, 2 s, 4 s … 60 s, each time a random part of it.
///
/// The random part keeps many collectors from coming back at the same moment. Source: Brooker, "Exponential Backoff
/// And Jitter", AWS Architecture Blog, 2015: full jitter.
struct Backoff: Sendable, Hashable {
    /// How many failures there were in a row.
    private(set) var attempts = 0

    /// Counts a failure.
    ///
    /// - Parameter random: from 0 up to 1.
    /// - Returns: how long to wait.
    mutating func next(random: Double) -> Duration {
        let limit = min(60, Double(1 << min(attempts, 6)))
        attempts += 1
        return .seconds(max(0.1, limit * min(max(random, 0), 1)))
    }

    /// Counts a success.
    mutating func reset() { attempts = 0 }
}
