import RunRecords

/// A run while its log is read: everything a `RunReport` needs, in memory that does not grow with the log.
///
/// Segments are folded in the order of the log. Folding a log at once or line by line as it grows gives the
/// same value, which is what lets a watched site equal a clean build. So whatever is kept here follows from rows
/// and events in their order; only series are folded column by column, each in the order of its rows.
struct RunAccumulator: Sendable {
    /// More series than these are counted as a problem, not drawn.
    static let seriesLimit = 1000
    /// More texts than these are not shown.
    static let textLimit = 64

    private(set) var axis: RowAxis
    private(set) var names: [String] = []
    private(set) var series: [SeriesAccumulator] = []
    private(set) var knots = AxisKnotAccumulator()
    private(set) var pace = PaceTracker()
    private(set) var events = EventLog()
    private(set) var texts: [String: String] = [:]
    private(set) var rowCount = 0
    private(set) var lineCount = 0
    private(set) var badLineCount = 0
    private(set) var badLines: [BadLine] = []
    private(set) var hasTooManySeries = false
    private(set) var refusedValueCount = 0
    private(set) var lastX = 0.0
    private(set) var lastEpoch: Double?
    private var firstEpoch: Double?
    private var hasPartsOfEpochs = false

    private let plans: [String: RestartPlan]
    private var indexByName: [String: Int] = [:]
    private var votes = AxisVotes()
    private var isAxisChosen = false
    private var placer = RowPlacer()
    /// Where each series' newest metric line stands, while that helps to tell how steps are counted.
    private var reached: [Double] = []

    /// Whether epochs are whole numbers that began with 0, so that the newest one is in the making.
    var countsEpochsFromZero: Bool { firstEpoch == 0 && !hasPartsOfEpochs }

    /// - Parameter earlier: A reading that turned out wrong: what it learned is known from the start now.
    init(after earlier: RunAccumulator? = nil) {
        guard let earlier else {
            axis = RowAxis(counts: [:])
            plans = [:]
            return
        }
        axis = earlier.votes.axis
        isAxisChosen = true
        var plans: [String: RestartPlan] = [:]
        // Restarts of another axis are none of this one.
        if axis == earlier.axis {
            for (name, index) in earlier.indexByName where earlier.series[index].setbackCount > 0 {
                plans[name] = earlier.series[index].nextPlan
            }
        }
        self.plans = plans
    }

    /// Whether what was assumed when reading began held.
    ///
    /// If not, the log has to be read again from its start.
    var isSettled: Bool { votes.axis == axis && series.allSatisfy(\.isAsPlanned) }

    mutating func fold(_ segment: LogSegment) {
        let columns = segment.columns.map { NamedColumn($0) }
        let scores = segment.events.map { Self.scores($0) }
        chooseAxis(segment, columns)
        let metrics = register(segment, columns, scores)
        let positions = placer.place(segment, columns, axis) { [reached] row, x in
            metrics.contains { Self.isSetback($0.values, row, x, reached[$0.series]) }
        }
        noteReached(metrics, positions)
        var restarts = RowMarks(count: segment.rowCount)
        addSeries(metrics, segment, scores, positions, &restarts)
        for (index, event) in segment.events.enumerated() {
            events.add(event, step: positions.eventX[index], row: rowCount + event.row)
        }
        foldRows(segment, positions, restarts)
        noteProblems(segment)
        for key in segment.textKeys where texts.count < Self.textLimit || texts[key] != nil {
            texts[key] = segment.texts[key]
        }
        rowCount += segment.rowCount
        lineCount += segment.lineCount
    }

    private mutating func chooseAxis(_ segment: LogSegment, _ columns: [NamedColumn]) {
        votes.count(segment, columns)
        guard !isAxisChosen, segment.rowCount > 0 || !segment.events.isEmpty else { return }
        axis = votes.axis
        isAxisChosen = true
    }

    func series(named name: String) -> SeriesAccumulator? { indexByName[name].map { series[$0] } }
}

// MARK: Series

extension RunAccumulator {
    /// A column that is drawn, and which series it belongs to.
    private struct Metric {
        let series: Int
        let values: LogSegment.Column
    }

    private typealias Scores = [(name: String, value: Double)]

    /// What an evaluation measured, named after its event.
    private static func scores(_ event: LogEvent) -> Scores {
        guard event.name == "eval" else { return [] }
        return (event.fields.members ?? []).compactMap { member in
            guard !RowAxis.isBookkeeping(member.key), let value = member.value.number else { return nil }
            return ("eval/" + member.key, value)
        }
    }

    /// Makes room for new series in the order in which they first appear, metrics and scores alike: the order
    /// must not depend on how the log was cut into segments.
    /// - Returns: The columns that are drawn.
    private mutating func register(
        _ segment: LogSegment,
        _ columns: [NamedColumn],
        _ scores: [Scores]
    ) -> [Metric] {
        let measured = columns.filter { !axis.isPosition($0.name) }
        var appearances: [(row: Int, place: Int, name: String)] = []
        for column in measured where indexByName[column.name] == nil {
            let first = column.values.firstAppearance
            appearances.append((first.row, first.place, column.name))
        }
        var place = Int.min
        for (event, scores) in zip(segment.events, scores) {
            // An event counts the rows before it, so it comes before the row of that number.
            for score in scores {
                appearances.append((event.row, place, score.name))
                place += 1
            }
        }
        appearances.sort { ($0.row, $0.place, $0.name) < ($1.row, $1.place, $1.name) }
        for appearance in appearances { makeRoom(for: appearance.name) }
        return measured.compactMap { column in
            indexByName[column.name].map { Metric(series: $0, values: column.values) }
        }
    }

    private mutating func makeRoom(for name: String) {
        guard indexByName[name] == nil else { return }
        guard names.count < Self.seriesLimit else {
            hasTooManySeries = true
            return
        }
        indexByName[name] = names.count
        names.append(name)
        series.append(SeriesAccumulator(plan: plans[name] ?? RestartPlan()))
        reached.append(-.infinity)
    }

    /// Whether a metric of a row had a value at a higher step than the row's before.
    private static func isSetback(
        _ column: LogSegment.Column,
        _ row: Int,
        _ x: [Double],
        _ reached: Double
    ) -> Bool {
        let (previous, isThere) = column.find(row: row)
        return isThere && (previous.map { x[$0] } ?? reached) > x[row]
    }

    private mutating func noteReached(_ metrics: [Metric], _ positions: RowPositions) {
        guard placer.steps.isUndecided else { return }
        for metric in metrics where metric.values.lastRow >= 0 {
            reached[metric.series] = positions.x[metric.values.lastRow]
        }
    }

    private mutating func addSeries(
        _ metrics: [Metric],
        _ segment: LogSegment,
        _ scores: [Scores],
        _ positions: RowPositions,
        _ restarts: inout RowMarks
    ) {
        // Series with several sources: values of a row and of an evaluation, or keys spelled in two ways.
        var shared: [Int: [SharedValue]] = [:]
        for (index, scores) in scores.enumerated() {
            for (name, value) in scores {
                guard let series = indexByName[name] else { continue }
                let row = segment.events[index].row
                shared[series, default: []].append(
                    SharedValue(row: row, isMetric: false, x: positions.eventX[index], value: value)
                )
            }
        }
        var met: Set<Int> = []
        for metric in metrics where !met.insert(metric.series).inserted {
            shared[metric.series, default: []] += []
        }
        for metric in metrics where shared.isEmpty || shared[metric.series] == nil {
            series[metric.series].addAll(metric.values, positions.x, &restarts)
        }
        for (index, values) in shared {
            let columns = metrics.filter { $0.series == index }.map(\.values)
            addShared(columns, values, to: index, positions.x, &restarts)
        }
    }

    private struct SharedValue {
        let row: Int
        let isMetric: Bool
        let x: Double
        let value: Double
    }

    /// Adds the values of several sources in the order in which they were logged.
    private mutating func addShared(
        _ columns: [LogSegment.Column],
        _ scores: [SharedValue],
        to index: Int,
        _ x: [Double],
        _ restarts: inout RowMarks
    ) {
        var values = scores
        for column in columns.sorted(by: { $0.rawKey.lexicographicallyPrecedes($1.rawKey) }) {
            column.forEach { row, value in
                values.append(SharedValue(row: row, isMetric: true, x: x[row], value: value))
            }
        }
        // An event stands before the row of its number.
        let order = values.indices.sorted {
            (values[$0].row, values[$0].isMetric ? 1 : 0, $0) < (
                values[$1].row, values[$1].isMetric ? 1 : 0, $1
            )
        }
        for value in order.lazy.map({ values[$0] }) {
            if series[index].add(value.x, value.value), value.isMetric { restarts.insert(value.row) }
        }
    }
}

// MARK: Rows

extension RunAccumulator {
    /// Pace and knots need rows and events in the order they were written.
    private mutating func foldRows(_ segment: LogSegment, _ positions: RowPositions, _ restarts: RowMarks) {
        let events = segment.events
        var nextEvent = 0
        for row in 0...segment.rowCount {
            while nextEvent < events.count, events[nextEvent].row <= row {
                pace.noteLine(time: EventLog.time(events[nextEvent]) ?? .nan)
                nextEvent += 1
            }
            guard row < segment.rowCount else { break }
            let x = positions.x[row]
            let time = positions.time[row]
            let epoch = positions.epoch[row]
            pace.noteLine(time: time)
            let isRestart = x < lastX && restarts.contains(row)
            knots.add(x: x, epoch: epoch, time: time, isRestart: isRestart)
            // Otherwise it is a metric with a step count of its own.
            if x >= lastX || isRestart {
                pace.noteRow(x: x, time: time)
                lastX = x
            }
            if epoch.isFinite {
                firstEpoch = firstEpoch ?? epoch
                lastEpoch = epoch
                if epoch != epoch.rounded() { hasPartsOfEpochs = true }
            }
        }
    }

    private mutating func noteProblems(_ segment: LogSegment) {
        refusedValueCount += segment.refusedValueCount
        badLineCount += segment.badLineCount
        for bad in segment.badLines {
            if badLines.count >= 20 { badLines.remove(at: 10) }
            badLines.append(BadLine(line: lineCount + bad.line, reason: bad.reason))
        }
    }
}

/// Some of a segment's rows.
struct RowMarks {
    private let count: Int
    private var marks: [Bool] = []

    init(count: Int) { self.count = count }

    mutating func insert(_ row: Int) {
        if marks.isEmpty { marks = [Bool](repeating: false, count: count) }
        marks[row] = true
    }

    func contains(_ row: Int) -> Bool { !marks.isEmpty && marks[row] }
}

extension SeriesAccumulator {
    /// Adds a column whose rows stand at `positions`, and marks the rows at which attempts began.
    mutating func addAll(_ column: LogSegment.Column, _ positions: [Double], _ restarts: inout RowMarks) {
        positions.withUnsafeBufferPointer { buffer in
            column.forEach { row, value in
                if add(buffer[row], value) { restarts.insert(row) }
            }
        }
    }
}
