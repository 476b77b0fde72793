/// The axes, the grid and the restarts.
extension LineChart {
    /// Labels left of the plot, positioned in percent of its height.
    func writeVerticalAxis(_ layout: Layout, to output: inout [UInt8]) {
        output.write("<svg class=\"axis-y\" aria-hidden=\"true\">")
        for tick in layout.verticalTicks where !tick.isMinor {
            output.write("<text x=\"100%\" y=\"")
            output.writePercentage(perMille: Self.perMille(1 - layout.frame.y.fraction(of: tick.value)))
            output.write("\">")
            output.writeEscaped(tick.label)
            output.write("</text>")
        }
        output.write("</svg>\n")
    }

    /// Labels below the plot.
    ///
    /// Every second one is marked, so that narrow screens can leave them out; those
    /// at the ends are marked to lean inwards.
    func writeHorizontalAxis(_ layout: Layout, to output: inout [UInt8]) {
        output.write("<svg class=\"axis-x\" aria-hidden=\"true\">")
        let labelled = layout.horizontalTicks.filter { !$0.isMinor }
        for (index, tick) in labelled.enumerated() {
            let place = Self.perMille(layout.frame.x.fraction(of: tick.value))
            output.write("<text y=\"1em\" x=\"")
            output.writePercentage(perMille: place)
            let classes = [place < 25 ? "start" : place > 965 ? "end" : nil, index % 2 == 1 ? "odd" : nil]
            let attribute = classes.compactMap(\.self).joined(separator: " ")
            if !attribute.isEmpty {
                output.write("\" class=\"")
                output.writeSafe(attribute)
            }
            output.write("\">")
            output.writeEscaped(tick.label)
            output.write("</text>")
        }
        output.write("</svg>\n")
    }

    /// One path a direction, and one for the lines without labels.
    func writeGrid(_ layout: Layout, to output: inout [UInt8]) {
        output.write("<g class=\"grid\">")
        for isMinor in [true, false] {
            let horizontal = layout.verticalTicks.filter { $0.isMinor == isMinor }.map { tick in
                Scale.coordinate(
                    1 - layout.frame.y.fraction(of: tick.value),
                    extent: Double(layout.frame.height)
                )
            }
            let vertical = layout.horizontalTicks.filter { $0.isMinor == isMinor }.map { tick in
                Scale.coordinate(layout.frame.x.fraction(of: tick.value), extent: Double(layout.frame.width))
            }
            if horizontal.isEmpty, vertical.isEmpty { continue }
            if isMinor { output.write("<path class=\"minor\" d=\"") } else { output.write("<path d=\"") }
            for y in horizontal {
                output.write("M0 ")
                output.write(y)
                output.write("h")
                output.write(layout.frame.width)
            }
            for x in vertical { writeUpright(at: x, layout, to: &output) }
            output.write("\"/>")
        }
        output.write("</g>\n")
    }

    /// A line from top to bottom where a later attempt took over.
    func writeRestarts(_ layout: Layout, to output: inout [UInt8]) {
        let places = restarts.map { layout.frame.x.fraction(of: $0) }.filter { $0 >= 0 && $0 <= 1 }
        if places.isEmpty { return }
        output.write("<g class=\"restarts\"><path d=\"")
        for place in places {
            writeUpright(
                at: Scale.coordinate(place, extent: Double(layout.frame.width)),
                layout,
                to: &output
            )
        }
        output.write("\"/></g>\n")
    }

    private func writeUpright(at x: Int, _ layout: Layout, to output: inout [UInt8]) {
        output.write("M")
        output.write(x)
        output.write(" 0v")
        output.write(layout.frame.height)
    }

    static func perMille(_ fraction: Double) -> Int { Scale.coordinate(fraction, extent: 1000) }
}
