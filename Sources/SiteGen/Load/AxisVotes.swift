import RunRecords

/// Which keys the first rows of a log have, to choose its axis by.
///
/// A log with events alone is placed by the keys of its events.
struct AxisVotes: Sendable {
    private static let keys = Set(RowAxis.stepKeys + RowAxis.timeKeys + RowAxis.epochKeys)

    private var rows: [String: Int] = [:]
    private var events: [String: Int] = [:]
    private var rowCount = 0
    private var eventCount = 0

    /// The axis that follows from what was counted so far.
    var axis: RowAxis { RowAxis(counts: rowCount > 0 ? rows : events) }

    mutating func count(_ segment: LogSegment, _ columns: [NamedColumn]) {
        if rowCount < RowAxis.decidingRows {
            let limit = RowAxis.decidingRows - rowCount
            for column in columns where Self.keys.contains(column.name) {
                var count = 0
                column.values.forEach { row, value in
                    if row < limit, RowAxis.isPlace(value, of: column.name) { count += 1 }
                }
                rows[column.name, default: 0] += count
            }
        }
        rowCount += segment.rowCount
        for event in segment.events.prefix(max(0, RowAxis.decidingRows - eventCount)) {
            for member in event.fields.members ?? [] where Self.keys.contains(member.key) {
                guard let value = member.value.number, RowAxis.isPlace(value, of: member.key) else {
                    continue
                }
                events[member.key, default: 0] += 1
            }
        }
        eventCount += segment.events.count
    }
}
