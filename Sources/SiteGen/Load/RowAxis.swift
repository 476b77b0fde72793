import RunRecords

/// Decides what a log's rows are counted by, and gives each row its place, time and epoch.
struct RowAxis: Sendable, Equatable {
    /// Keys for the step, best first.
    ///
    /// Source: the loggers' own documentation; see `docs/run-folder.md`.
    static let stepKeys = [
        "step", "global_step", "_step", "iteration", "iter", "current_steps", "steps", "num_updates",
        "update",
        "timestep", "timesteps", "total_timesteps", "train/step", "train/global_step", "trainer/global_step",
        "batch", "idx",
    ]
    static let timeKeys = [
        "time", "timestamp", "_timestamp", "time_ms", "wall_time", "ts", "datetime", "created_at",
    ]
    static let epochKeys = ["epoch", "train/epoch", "epochs", "epoch_num", "current_epoch"]
    /// A log's first rows decide; later ones no longer change the axis.
    static let decidingRows = 200

    let axis: XAxis
    let stepKey: String?
    let timeKey: String?
    let epochKey: String?

    /// - Parameter counts: How many of the first rows have each key.
    init(counts: [String: Int]) {
        func best(_ keys: [String]) -> String? { keys.first { counts[$0, default: 0] > 0 } }
        stepKey = best(Self.stepKeys)
        timeKey = best(Self.timeKeys)
        epochKey = best(Self.epochKeys)
        axis = stepKey != nil ? .step : epochKey != nil ? .epoch : timeKey != nil ? .relative : .line
    }

    /// Whether a key of an event says when it happened rather than what was measured.
    static func isBookkeeping(_ key: String) -> Bool {
        stepKeys.contains(key) || timeKeys.contains(key) || epochKeys.contains(key) || key == "event"
    }

    /// Whether a column tells where a row is, rather than being measured.
    func isPosition(_ name: String) -> Bool { name == stepKey || name == timeKey || name == epochKey }
}

/// The position of each row of one segment.
///
/// NaN stands for what a row does not tell.
struct RowPositions {
    var x: [Double]
    var time: [Double]
    var epoch: [Double]

    /// - Parameters:
    ///   - segment: Whose rows.
    ///   - axis: What they are counted by.
    ///   - carried: The `x` of the row before; a row that tells none shares it.
    ///   - firstRow: How many rows came before the segment.
    ///   - start: The log's first time, if a row before had one. Receives it.
    init(_ segment: LogSegment, _ axis: RowAxis, carried: Double, firstRow: Int, start: inout Double?) {
        let count = segment.rowCount
        time = Self.column(axis.timeKey, segment, count)
        epoch = Self.column(axis.epochKey, segment, count)
        // Milliseconds: no log is older than 1973 in one unit and younger than year 5138 in the other.
        for row in 0..<count where time[row] > 1e11 { time[row] /= 1000 }
        if start == nil { start = time.first { $0.isFinite } }
        switch axis.axis {
        case .step: x = Self.column(axis.stepKey, segment, count)
        case .epoch: x = epoch
        case .relative, .wall:
            let origin = start ?? 0
            x = time.map { $0 - origin }
        case .line: x = (0..<count).map { Double(firstRow + $0) }
        }
        var last = carried
        for row in 0..<count {
            if x[row].isFinite { last = x[row] } else { x[row] = last }
        }
    }

    private static func column(_ name: String?, _ segment: LogSegment, _ count: Int) -> [Double] {
        var values = [Double](repeating: .nan, count: count)
        guard let name, let column = segment.columns.first(where: { $0.name == name }) else { return values }
        values.withUnsafeMutableBufferPointer { buffer in
            column.forEach { row, value in buffer[row] = value }
        }
        return values
    }
}
