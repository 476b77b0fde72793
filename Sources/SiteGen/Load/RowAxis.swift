import RunRecords

/// Decides what a log's rows are counted by.
struct RowAxis: Sendable, Equatable {
    /// Keys for the step, best first: those that count through before those that may count by epoch.
    ///
    /// Source: the loggers' own documentation; see `docs/run-folder.md`.
    static let stepKeys = [
        "global_step", "trainer/global_step", "train/global_step", "step", "_step", "iteration", "iter",
        "current_steps", "steps", "num_updates", "update", "timestep", "timesteps", "total_timesteps",
        "train/step",
        "batch", "idx",
    ]
    static let timeKeys = [
        "time", "timestamp", "_timestamp", "time_ms", "wall_time", "ts", "datetime", "created_at",
    ]
    static let epochKeys = ["epoch", "train/epoch", "epochs", "epoch_num", "current_epoch"]
    /// A log's first rows decide; later ones no longer change the axis.
    static let decidingRows = 200
    /// A step or epoch beyond it is none: whole numbers end here, and differences of larger ones overflow.
    static let largestPlace = 1e15

    let axis: XAxis
    let stepKey: String?
    let timeKey: String?
    let epochKey: String?

    /// - Parameter counts: How many of the first rows have each key with a value that `place` or `time` accepts.
    init(counts: [String: Int]) {
        // A key that few lines have would leave the others without a place.
        func best(_ keys: [String]) -> String? {
            let most = keys.map { counts[$0, default: 0] }.max() ?? 0
            return most == 0 ? nil : keys.first { counts[$0, default: 0] * 2 >= most }
        }
        stepKey = best(Self.stepKeys)
        timeKey = best(Self.timeKeys)
        epochKey = best(Self.epochKeys)
        axis = stepKey != nil ? .step : epochKey != nil ? .epoch : timeKey != nil ? .relative : .line
    }

    /// Whether a key says when something happened rather than what was measured.
    static func isBookkeeping(_ key: String) -> Bool { bookkeeping.contains(key) || key == "event" }

    private static let bookkeeping = Set(stepKeys + timeKeys + epochKeys)
    private static let times = Set(timeKeys)

    /// Whether a column tells where a row is, rather than being measured.
    func isPosition(_ name: String) -> Bool { name == stepKey || name == timeKey || name == epochKey }

    /// Whether a value of one of the keys tells a place: only then it counts for the key.
    static func isPlace(_ value: Double, of key: String) -> Bool {
        times.contains(key) ? time(value).isFinite : place(value).isFinite
    }

    /// A step or an epoch; NaN for what is none.
    static func place(_ value: Double) -> Double { abs(value) <= largestPlace ? value : .nan }

    /// A time in seconds since 1970, from seconds or thousandths, millionths or billionths of them.
    ///
    /// NaN for what is none: numbers below 10⁸ are durations, such as the seconds an iteration took. No log is
    /// older than 1973 in one unit and younger than year 5138 in the next.
    static func time(_ value: Double) -> Double {
        var seconds = value
        for _ in 0..<3 where seconds > 1e11 { seconds /= 1000 }
        return seconds >= 1e8 && seconds <= 1e11 ? seconds : .nan
    }
}
