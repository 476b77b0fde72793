import TestSupport
import Testing

@testable import SiteGen

@Suite("Series as CSV") struct SeriesCSVTests {
    @Test("Step, epoch and time between the known steps, and nothing beyond them")
    func columns() {
        let report = APIFixture.full
        let text = String(decoding: SeriesCSV.bytes(for: report.series[0], of: report), as: UTF8.self)
        let expected = [
            "step,epoch,time,value", "0,0,1765467060,7.5", "5,0.25,1765467070,4", "10,0.5,1765467080,NaN",
            "20,,,3.916", "",
        ]
        #expect(text == expected.joined(separator: "\r\n"))
    }

    @Test(
        "The first column is named after the axis, and other axes have no second one",
        arguments: [
            (XAxis.step, "step"), (.epoch, "epoch"), (.relative, "seconds"), (.wall, "time"), (.line, "line"),
        ]
    )
    func axes(axis: XAxis, name: String) {
        let series = APIFixture.series("a", [(1, 2)])
        let knots = axis == .step ? [] : [AxisKnot(step: 1, epoch: 1, time: 1)]
        let report = APIFixture.report(id: "r", axis: axis, knots: knots, series: [series])
        let text = String(decoding: SeriesCSV.bytes(for: series, of: report), as: UTF8.self)
        #expect(text == "\(name),value\r\n1,2\r\n")
    }

    @Test("No name gets into the file, so none can be a formula or break a row")
    func hostileNames() {
        let series = APIFixture.series("=cmd|' /C calc'!A0,\"\r\n", [(0, .infinity), (1, -.infinity)])
        let report = APIFixture.report(id: "r", series: [series])
        let text = String(decoding: SeriesCSV.bytes(for: series, of: report), as: UTF8.self)
        #expect(text == "step,value\r\n0,Infinity\r\n1,-Infinity\r\n")
    }

    @Test("Interpolation goes through every knot and stays between its neighbours")
    func interpolation() {
        var random = SeededRandom.fresh()
        var step = 0.0
        let knots = (0..<200).map { index in
            step += Double(Int.random(in: 1...50, using: &random))
            let epoch = index % 5 == 4 ? nil : Double(index)
            return AxisKnot(step: step, epoch: epoch, time: nil)
        }
        var epochs = StepInterpolation(knots, of: \.epoch)
        let known = knots.filter { $0.epoch != nil }
        for step in stride(from: -5, through: step + 5, by: 1) {
            let value = epochs.value(at: step)
            if let exact = known.first(where: { $0.step == step }) {
                #expect(value == exact.epoch, "\(random)")
            } else if let right = known.first(where: { $0.step > step }),
                let left = known.last(where: { $0.step < step })
            {
                #expect(value.map { $0 > (left.epoch ?? 0) && $0 < (right.epoch ?? 0) } == true, "\(random)")
            } else {
                #expect(value == nil, "\(random)")
            }
        }
    }
}
