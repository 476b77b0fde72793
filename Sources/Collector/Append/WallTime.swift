import Glibc

/// The time of day, for what people read.
///
/// Nothing is decided by it.
enum WallTime {
    /// Seconds since 1970.
    static let now: @Sendable () -> Double = {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
