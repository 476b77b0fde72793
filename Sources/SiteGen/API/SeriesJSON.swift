/// `api/runs/<id>/series.json`: the points behind a run's charts, by columns.
///
/// Measured values are the shortest text that reads back exactly. Smoothed ones are rounded to seven
/// significant digits: they are averages, drawn to a tenth of a pixel, and take most of the file.
enum SeriesJSON {
    private static let smoothedDigits = 7

    static func bytes(for report: RunReport) -> [UInt8] {
        JSONWriter.object(reservingBytes: estimatedBytes(of: report)) { writer in
            writer.member("id", report.id)
            writer.member("axis", report.axis.rawValue)
            writer.member(array: "restarts", report.restarts) { $0.value($1) }
            writer.member(object: "knots") { writer in
                writer.member(array: "step", report.axisKnots) { $0.value($1.step) }
                writer.member(array: "epoch", report.axisKnots) { $0.value($1.epoch) }
                writer.member(array: "time", report.axisKnots) { $0.value($1.time) }
            }
            writer.member(array: "series", report.series, series)
        }
    }

    private static func series(_ writer: inout JSONWriter, _ series: SeriesReport) {
        let slug = SeriesSlug.slug(for: series.name)
        writer.object { writer in
            writer.member("name", series.name)
            writer.member("slug", slug)
            writer.member("csv", "csv/\(slug).csv")
            writer.member("count", series.count)
            columns(series.points, &writer)
            writer.member(array: "discarded", series.discarded) { writer, branch in
                writer.object { columns(branch, &$0) }
            }
            writer.member(array: "smooth", series.smoothed) { writer, curve in
                writer.object { writer in
                    writer.member("halfLife", curve.halfLifeSteps)
                    writer.member(array: "x", curve.points) { $0.value($1.x) }
                    writer.member(array: "y", curve.points) {
                        $0.value($1.y, significantDigits: smoothedDigits)
                    }
                }
            }
            writer.member("defaultSmooth", series.defaultSmoothing)
        }
    }

    private static func columns(_ points: [DataPoint], _ writer: inout JSONWriter) {
        writer.member(array: "x", points) { $0.value($1.x) }
        writer.member(array: "y", points) { $0.value($1.y) }
    }

    private static func estimatedBytes(of report: RunReport) -> Int {
        report.series.reduce(4_096) { total, series in
            let smoothed = series.smoothed.reduce(0) { $0 + $1.points.count }
            let discarded = series.discarded.reduce(0) { $0 + $1.count }
            return total + 28 * (series.points.count + discarded) + 18 * smoothed
        }
    }
}
