import RunRecords

/// A run while its log is read: everything a `RunReport` needs, in memory that does not grow with the log.
///
/// Segments are folded in the order of the log. Folding a log at once or line by line as it grows gives the
/// same value, which is what lets a watched site equal a clean build.
struct RunAccumulator: Sendable {
    /// More series than these are counted as a problem, not drawn.
    static let seriesLimit = 1000
    /// Why a log has to be read again from its start, with what this reading learned.
    enum Doubt: Equatable {
        /// A restart overwrote points, or the first rows turned out to be counted by something else.
        case restarts, axis
    }

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
    private(set) var droppedSeries = 0
    private(set) var lastX = 0.0
    private(set) var lastEpoch: Double?
    private(set) var doubt: Doubt?

    private var plans: [String: RestartPlan]
    private var indexByName: [String: Int] = [:]
    private var keyCounts: [String: Int] = [:]
    private var hasAxis = false
    private var startTime: Double?

    /// - Parameter earlier: A reading that ended in doubt; its restarts are known from the start now.
    init(after earlier: RunAccumulator? = nil) {
        axis = RowAxis(counts: [:])
        plans = [:]
        guard let earlier else { return }
        for (name, index) in earlier.indexByName where !earlier.series[index].restarts.isEmpty {
            plans[name] = RestartPlan(earlier.series[index].restarts)
        }
    }

    mutating func fold(_ segment: LogSegment) {
        decideAxis(segment)
        let positions = RowPositions(segment, axis, carried: lastX, firstRow: rowCount, start: &startTime)
        var restarted: Set<Double> = []
        register(segment)
        for column in segment.columns {
            let name = column.name
            guard !axis.isPosition(name), let index = index(of: name) else { continue }
            add(column, to: index, positions, &restarted)
        }
        for event in segment.events { fold(event, positions, &restarted) }
        foldRows(segment, positions, restarted)
        noteProblems(segment)
        for (key, text) in segment.texts where texts.count < 64 || texts[key] != nil { texts[key] = text }
        rowCount += segment.rowCount
        lineCount += segment.lineCount
    }

    // MARK: Axis

    private mutating func decideAxis(_ segment: LogSegment) {
        guard rowCount < RowAxis.decidingRows, segment.rowCount > 0 else { return }
        let limit = RowAxis.decidingRows - rowCount
        for column in segment.columns {
            var count = 0
            column.forEach { row, value in if row < limit, value.isFinite { count += 1 } }
            keyCounts[column.name, default: 0] += count
        }
        let decided = RowAxis(counts: keyCounts)
        if hasAxis, decided != axis { doubt = .axis }
        if !hasAxis { axis = decided }
        hasAxis = true
    }

    // MARK: Series

    /// Makes room for new series in the order in which they first appear, metrics and scores alike: the order
    /// must not depend on how the log was cut into segments.
    private mutating func register(_ segment: LogSegment) {
        var appearances: [(row: Int, name: String)] = []
        for event in segment.events {
            for name in Self.scores(event).map(\.name) { appearances.append((event.row, name)) }
        }
        // An event counts the rows before it, so it comes before the row of that number.
        for column in segment.columns where !axis.isPosition(column.name) {
            appearances.append((column.firstRow, column.name))
        }
        let order = appearances.indices.sorted { (appearances[$0].row, $0) < (appearances[$1].row, $1) }
        for index in order { _ = self.index(of: appearances[index].name) }
    }

    /// What an evaluation measured, named after its event.
    private static func scores(_ event: LogEvent) -> [(name: String, value: Double)] {
        guard event.name == "eval" else { return [] }
        return (event.fields.members ?? []).compactMap { member in
            guard case .number(let value) = member.value, !RowAxis.isBookkeeping(member.key) else {
                return nil
            }
            return ("eval/" + member.key, value)
        }
    }

    private mutating func index(of name: String) -> Int? {
        if let index = indexByName[name] { return index }
        guard names.count < Self.seriesLimit else {
            droppedSeries += 1
            return nil
        }
        names.append(name)
        series.append(SeriesAccumulator(plan: plans[name] ?? RestartPlan()))
        indexByName[name] = names.count - 1
        return names.count - 1
    }

    private mutating func add(
        _ column: LogSegment.Column,
        to index: Int,
        _ positions: RowPositions,
        _ restarted: inout Set<Double>
    ) {
        let known = series[index].restarts.count
        series[index].addAll(column, positions.x)
        noteRestarts(index, known, &restarted)
    }

    private mutating func noteRestarts(_ index: Int, _ known: Int, _ restarted: inout Set<Double>) {
        let restarts = series[index].restarts
        guard restarts.count > known else { return }
        for restart in restarts[known...] { restarted.insert(restart.x) }
        if !series[index].isPlanned { doubt = doubt ?? .restarts }
    }

    /// Scores of evaluations are series too.
    private mutating func fold(_ event: LogEvent, _ positions: RowPositions, _ restarted: inout Set<Double>) {
        let carried = event.row > 0 ? positions.x[min(event.row, positions.x.count) - 1] : lastX
        let x = place(event) ?? carried
        for (name, value) in Self.scores(event) {
            guard let index = index(of: name) else { continue }
            let known = series[index].restarts.count
            series[index].add(x, value)
            noteRestarts(index, known, &restarted)
        }
        events.add(event, step: x.isFinite ? x : nil)
    }

    private func place(_ event: LogEvent) -> Double? {
        switch axis.axis {
        case .step:
            (axis.stepKey.flatMap { event.fields[$0]?.finite }) ?? event.fields["step"]?.finite
        case .epoch: axis.epochKey.flatMap { event.fields[$0]?.finite }
        case .relative, .wall, .line:
            hasAxis ? nil : event.fields["step"]?.finite
        }
    }

    // MARK: Rows

    /// Pace and knots need rows and events in the order they were written.
    private mutating func foldRows(_ segment: LogSegment, _ positions: RowPositions, _ restarted: Set<Double>)
    {
        var nextEvent = 0
        for row in 0...segment.rowCount {
            while nextEvent < segment.events.count, segment.events[nextEvent].row <= row {
                pace.noteLine(time: EventLog.time(segment.events[nextEvent]) ?? .nan)
                nextEvent += 1
            }
            guard row < segment.rowCount else { break }
            let x = positions.x[row]
            let time = positions.time[row]
            let epoch = positions.epoch[row]
            pace.noteLine(time: time)
            pace.noteRow(x: x, time: time)
            let isRestart = x < lastX && restarted.contains(x)
            knots.add(x: x, epoch: epoch, time: time, isRestart: isRestart)
            if x >= lastX || isRestart { lastX = x }
            if epoch.isFinite { lastEpoch = epoch }
        }
    }

    private mutating func noteProblems(_ segment: LogSegment) {
        badLineCount += segment.badLineCount
        for bad in segment.badLines {
            if badLines.count >= 20 { badLines.remove(at: 10) }
            badLines.append(BadLine(line: lineCount + bad.line, reason: bad.reason))
        }
    }

    /// Whether exactly the restarts that were known beforehand came: otherwise the log changed meanwhile.
    var isAsPlanned: Bool { series.allSatisfy { $0.restarts.count == $0.plannedRestarts } }

    func series(named name: String) -> SeriesAccumulator? { indexByName[name].map { series[$0] } }
}

extension SeriesAccumulator {
    /// Adds a column whose rows stand at `positions`.
    mutating func addAll(_ column: LogSegment.Column, _ positions: [Double]) {
        positions.withUnsafeBufferPointer { buffer in
            column.forEach { row, value in add(buffer[row], value) }
        }
    }

    /// Whether every restart so far was known when reading began.
    var isPlanned: Bool { restarts.count <= plannedRestarts }
}
