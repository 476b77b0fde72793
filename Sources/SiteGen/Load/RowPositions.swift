import RunRecords

/// The position of each row and event of one segment.
///
/// NaN stands for what a row does not tell.
struct RowPositions {
    fileprivate(set) var x: [Double]
    fileprivate(set) var time: [Double]
    fileprivate(set) var epoch: [Double]
    /// Where the segment's events stand.
    fileprivate(set) var eventX: [Double] = []
}

/// Gives rows and events their places, one segment after the other.
///
/// What it remembers follows from the rows and events so far, in the order of the log, so places do not depend
/// on how the log was cut.
struct RowPlacer: Sendable {
    /// Where the newest row stands: a row or event that does not tell stands there too.
    private var carried = 0.0
    private var rowCount = 0
    /// The first time told by a row or an event.
    private var start: Double?
    private(set) var steps = StepCounting()

    /// - Parameters:
    ///   - segment: Whose rows and events.
    ///   - columns: Its columns.
    ///   - axis: What they are counted by.
    ///   - isSetback: Whether a row has a metric that had a value at a higher step before; given the places so far.
    /// - Returns: Their places.
    mutating func place(
        _ segment: LogSegment,
        _ columns: [NamedColumn],
        _ axis: RowAxis,
        isSetback: (_ row: Int, _ x: [Double]) -> Bool
    ) -> RowPositions {
        let count = segment.rowCount
        let key =
            switch axis.axis {
            case .step: axis.stepKey
            case .epoch: axis.epochKey
            case .relative, .wall, .line: String?.none
            }
        var positions = RowPositions(
            x: Self.values(key, columns, count),
            time: Self.values(axis.timeKey, columns, count),
            epoch: Self.values(axis.epochKey, columns, count)
        )
        let events = segment.events
        positions.eventX.reserveCapacity(events.count)
        for row in 0..<count {
            placeEvents(events, before: row, axis, &positions)
            let time = RowAxis.time(positions.time[row])
            let epoch = RowAxis.place(positions.epoch[row])
            positions.time[row] = time
            positions.epoch[row] = epoch
            if start == nil, time.isFinite { start = time }
            var x: Double
            switch axis.axis {
            case .step:
                x = RowAxis.place(positions.x[row])
                if axis.epochKey != nil, !steps.isPlain, x.isFinite {
                    x = steps.place(step: x, epoch: epoch) { isSetback(row, positions.x) }
                }
            case .epoch: x = epoch
            case .relative, .wall: x = time - (start ?? 0)
            case .line: x = Double(rowCount + row)
            }
            if x.isFinite { carried = x }
            positions.x[row] = carried
        }
        placeEvents(events, before: count, axis, &positions)
        rowCount += count
        return positions
    }

    /// Places the events that stand before a row.
    @inline(__always)
    private mutating func placeEvents(
        _ events: [LogEvent],
        before row: Int,
        _ axis: RowAxis,
        _ positions: inout RowPositions
    ) {
        while positions.eventX.count < events.count {
            let event = events[positions.eventX.count]
            guard event.row <= row else { return }
            let time = EventLog.time(event)
            if start == nil { start = time }
            positions.eventX.append(place(event, time, axis) ?? carried)
        }
    }

    private func place(_ event: LogEvent, _ time: Double?, _ axis: RowAxis) -> Double? {
        switch axis.axis {
        case .step:
            let step = axis.stepKey.flatMap { event.fields[$0]?.place } ?? event.fields["step"]?.place
            let epoch = axis.epochKey.flatMap { event.fields[$0]?.place } ?? event.fields["epoch"]?.place
            return step.map { steps.place(step: $0, epoch: epoch) }
        case .epoch: return axis.epochKey.flatMap { event.fields[$0]?.place }
        case .relative, .wall: return time.flatMap { time in start.map { time - $0 } }
        case .line: return nil
        }
    }

    private static func values(_ name: String?, _ columns: [NamedColumn], _ count: Int) -> [Double] {
        var values = [Double](repeating: .nan, count: count)
        guard let name else { return values }
        values.withUnsafeMutableBufferPointer { buffer in
            for column in NamedColumn.all(columns, named: name) {
                column.values.forEach { row, value in buffer[row] = value }
            }
        }
        return values
    }
}

/// A column with its key as text, which costs more than to be asked for twice.
struct NamedColumn {
    let name: String
    let values: LogSegment.Column

    init(_ values: LogSegment.Column) {
        name = values.name
        self.values = values
    }

    /// The columns of a key: several where it is spelled in several ways, in an order of their spelling.
    static func all(_ columns: [NamedColumn], named name: String) -> [NamedColumn] {
        let matching = columns.filter { $0.name == name }
        guard matching.count > 1 else { return matching }
        return matching.sorted { $0.values.rawKey.lexicographicallyPrecedes($1.values.rawKey) }
    }
}

extension JSONValue {
    /// A step or an epoch; nil for what is none.
    var place: Double? {
        guard let number, RowAxis.place(number).isFinite else { return nil }
        return number
    }
}
