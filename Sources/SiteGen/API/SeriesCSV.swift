import RunRecords

/// `api/runs/<id>/csv/<slug>.csv`: one series for spreadsheets and scripts.
///
/// A header and one row a point, lines ending in CR LF (RFC 4180). Every cell is a number or empty, so
/// nothing needs quotes and no cell can be taken for a formula; a value that is not finite is spelled `NaN`,
/// `Infinity` or `-Infinity`, which every common reader takes. `epoch` and `time` (seconds since 1970) appear
/// where the run logs them, interpolated between the steps where it did.
enum SeriesCSV {
    static func bytes(for series: SeriesReport, of report: RunReport) -> [UInt8] {
        var epochs = StepInterpolation(report.axisKnots, of: \.epoch)
        var times = StepInterpolation(report.axisKnots, of: \.time)
        // Knots are by step, so they say nothing of another axis.
        let hasEpochs = report.axis == .step && !epochs.isEmpty
        let hasTimes = report.axis == .step && !times.isEmpty

        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + series.points.count * 56)
        bytes.append(contentsOf: axisColumn(report.axis).utf8)
        if hasEpochs { bytes.append(contentsOf: ",epoch".utf8) }
        if hasTimes { bytes.append(contentsOf: ",time".utf8) }
        bytes.append(contentsOf: ",value\r\n".utf8)
        for point in series.points {
            NumberText.append(point.x, to: &bytes)
            if hasEpochs {
                bytes.append(UInt8(ascii: ","))
                if let epoch = epochs.value(at: point.x) {
                    NumberText.append(epoch, significantDigits: 9, to: &bytes)
                }
            }
            if hasTimes {
                bytes.append(UInt8(ascii: ","))
                if let time = times.value(at: point.x) {
                    NumberText.append((time * 1_000).rounded() / 1_000, to: &bytes)
                }
            }
            bytes.append(UInt8(ascii: ","))
            NumberText.append(point.y, to: &bytes)
            bytes.append(UInt8(ascii: "\r"))
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static func axisColumn(_ axis: XAxis) -> String {
        switch axis {
        case .step: "step"
        case .epoch: "epoch"
        case .relative: "seconds"
        case .wall: "time"
        case .line: "line"
        }
    }
}

/// Looks up what was known at steps, in between on the straight line.
struct StepInterpolation {
    private let points: [DataPoint]
    private var next = 0

    init(_ knots: [AxisKnot], of quantity: (AxisKnot) -> Double?) {
        points = knots.compactMap { knot in
            guard let value = quantity(knot), value.isFinite, knot.step.isFinite else { return nil }
            return DataPoint(x: knot.step, y: value)
        }
    }

    var isEmpty: Bool { points.isEmpty }

    /// The value at `step`; nil outside the known steps, where it would be a guess.
    ///
    /// Steps must not go back from call to call.
    mutating func value(at step: Double) -> Double? {
        while next < points.count, points[next].x < step { next += 1 }
        guard next < points.count else { return nil }
        let right = points[next]
        if right.x == step { return right.y }
        guard next > 0 else { return nil }
        let left = points[next - 1]
        return left.y + (right.y - left.y) * ((step - left.x) / (right.x - left.x))
    }
}
