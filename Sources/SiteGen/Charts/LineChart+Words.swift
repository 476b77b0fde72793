/// The chart in words and numbers: what people who do not see it, or want the figures, read.
extension LineChart {
    /// Past so many lines a description is a list nobody listens to; the table has the rest.
    private static let describedCount = 8

    /// The whole chart in sentences.
    ///
    /// “train/loss falls from 4.2 at step 0 to 0.31 at step 99.4k; lowest 0.29 at step 98.1k.”
    func story(_ range: YRange) -> String {
        var sentences = series.prefix(Self.describedCount).map { sentence($0) }
        if series.count > Self.describedCount {
            sentences.append("\(series.count - Self.describedCount) more lines are in the table.")
        }
        if !restarts.isEmpty {
            let places = restarts.prefix(5).map { place($0, on: axis) }.joined(separator: ", ")
            sentences.append("Restarted at \(places)\(restarts.count > 5 ? " and later" : "").")
        }
        sentences += range.clipped.prefix(Self.describedCount).map { clippedText($0) + "." }
        if range.scale.kind == .log { sentences.append("The vertical axis is logarithmic.") }
        return sentences.joined(separator: " ")
    }

    private func sentence(_ line: ChartSeries) -> String {
        let name = Self.shortened(line.label)
        let lost =
            switch line.nonFiniteCount {
            case 0: ""
            case 1: " One value is not a number."
            default: " \(NumberFormat.count(Double(line.nonFiniteCount))) values are not numbers."
            }
        func place(_ x: Double) -> String { self.place(x, on: line.ownAxis) }
        guard let first = line.first, let last = line.last else {
            return "\(name) has no finite value yet.\(lost)"
        }
        let value = line.unit.text
        if line.count - line.nonFiniteCount <= 1 {
            return "\(name) is \(value(last.y)) at \(place(last.x)).\(lost)"
        }
        if line.minimum?.y == line.maximum?.y {
            return "\(name) stays at \(value(last.y)) from \(place(first.x)) to \(place(last.x)).\(lost)"
        }
        let verb = last.y < first.y ? "falls" : last.y > first.y ? "rises" : "goes"
        let extreme = last.y > first.y ? line.maximum : line.minimum
        let extremeText = extreme.map { point in
            "; \(last.y > first.y ? "highest" : "lowest") \(value(point.y)) at \(place(point.x))"
        }
        return "\(name) \(verb) from \(value(first.y)) at \(place(first.x)) to \(value(last.y)) "
            + "at \(place(last.x))\(extremeText ?? "").\(lost)"
    }

    /// A place on an axis: `step 99.4k`.
    private func place(_ x: Double, on axis: XAxis) -> String {
        switch axis {
        case .step: "step \(NumberFormat.count(x))"
        case .epoch: "epoch \(NumberFormat.value(x))"
        case .relative: NumberFormat.duration(seconds: x)
        case .wall: Dates.text(x)
        case .line: "line \(NumberFormat.count(x))"
        }
    }

    /// What the range leaves out of a line: `▲ 963 at step 50 is above this chart`.
    private func clippedText(_ clipped: YRange.Clipped) -> String {
        let line = series[clipped.seriesIndex]
        let name = series.count > 1 ? "\(Self.shortened(line.label)) " : ""
        return "\(clipped.isAbove ? "▲" : "▼") \(name)\(line.unit.text(clipped.extreme.y)) at "
            + "\(place(clipped.extreme.x, on: line.ownAxis)) is \(clipped.isAbove ? "above" : "below") this chart"
    }

    /// What the range leaves out, or that there is nothing to show.
    func writeNotes(_ layout: Layout, to output: inout [UInt8]) {
        if layout.range.isEmpty {
            output.write("<p class=\"chart-empty\">No finite values yet.</p>\n")
        }
        if layout.range.clipped.isEmpty { return }
        output.write("<p class=\"clipped\">")
        for (index, clipped) in layout.range.clipped.enumerated() {
            if index > 0 { output.write("<br>") }
            output.write("<span class=\"")
            output.writeSafe(series[clipped.seriesIndex].slot.classes)
            output.write("\">")
            output.writeEscaped(clippedText(clipped))
            output.write("</span>")
        }
        output.write("</p>\n")
    }

    /// First, last, lowest and highest value of every line, and where they were.
    func writeTable(to output: inout [UInt8]) {
        let hasRuns = Set(series.map(\.runID)).count > 1
        output.write(
            "<details class=\"chart-table\"><summary>Data</summary><div class=\"table-scroll\"><table><thead><tr>"
        )
        output.write("<th scope=\"col\">Series</th>")
        if hasRuns { output.write("<th scope=\"col\">Run</th>") }
        let own = Set(series.map(\.ownAxis))
        let place =
            own == [.step] || own == [.line] || own == [.epoch] ? "at \(series[0].ownAxis.rawValue)" : "at"
        for heading in ["First", "Last", "Lowest", place, "Highest", place, "Values"] {
            output.write("<th scope=\"col\">")
            output.writeSafe(heading)
            output.write("</th>")
        }
        output.write("</tr></thead><tbody>")
        for line in series { writeRow(line, hasRuns: hasRuns, to: &output) }
        output.write("</tbody></table></div></details>\n")
    }

    private func writeRow(_ line: ChartSeries, hasRuns: Bool, to output: inout [UInt8]) {
        output.write("<tr><th scope=\"row\">")
        output.writeEscaped(Self.shortened(line.name))
        if let path = line.csvPath {
            output.write(" <a href=\"")
            output.writeEscaped(path)
            output.write("\">CSV</a>")
            if line.csvRows < line.count {
                output.write(" <small>")
                output.writeEscaped(
                    "\(NumberFormat.count(Double(line.csvRows))) points of \(NumberFormat.count(Double(line.count)))"
                )
                output.write("</small>")
            }
        }
        output.write("</th>")
        func cell(_ text: String) {
            output.write("<td>")
            output.writeEscaped(text)
            output.write("</td>")
        }
        if hasRuns { cell(line.runID) }
        func value(_ point: DataPoint?) { cell(point.map { line.unit.text($0.y) } ?? NumberFormat.missing) }
        func step(_ point: DataPoint?) {
            cell(point.map { NumberFormat.exact($0.x) } ?? NumberFormat.missing)
        }
        value(line.first)
        value(line.last)
        value(line.minimum)
        step(line.minimum)
        value(line.maximum)
        step(line.maximum)
        let lost = line.nonFiniteCount > 0 ? " (\(line.nonFiniteCount) not numbers)" : ""
        cell(String(line.count) + lost)
        output.write("</tr>")
    }
}
