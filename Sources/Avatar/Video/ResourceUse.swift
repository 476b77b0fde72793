import Files
import Glibc

/// What this process and its ended children have used.
struct ResourceUse: Sendable {
    /// Processor time in user mode of this process, in seconds.
    var ownUserSeconds = 0.0
    /// Processor time in user mode of children that have ended, in seconds.
    var childUserSeconds = 0.0
    /// The most memory this process ever had, in bytes.
    var ownPeakBytes = 0
    /// The most memory any ended child ever had, in bytes.
    var childPeakBytes = 0

    static func now() -> ResourceUse {
        var use = ResourceUse()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            use.ownUserSeconds = seconds(usage.ru_utime)
            use.ownPeakBytes = Int(usage.ru_maxrss) * 1_024
        }
        if getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage) == 0 {
            use.childUserSeconds = seconds(usage.ru_utime)
            use.childPeakBytes = Int(usage.ru_maxrss) * 1_024
        }
        return use
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
    }
}
