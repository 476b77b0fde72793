import Foundation
import TestSupport
import Testing

@testable import Trainer

/// `epoch_history.log`: one line an epoch, whatever was stopped and gone on with.
@Suite struct EpochHistoryTests {
    private func sums(_ loss: Double) -> LossSums {
        var sums = LossSums()
        (sums.count, sums.loss, sums.ctcLoss, sums.crossEntropyLoss) = (2, 2 * loss, 3.6, 10.7)
        return sums
    }

    @Test func anEpochThatEndsTwiceHasOneLine() throws {
        let folder = try TemporaryDirectory()
        let history = EpochHistory(folder: folder.path)
        for (epoch, loss) in [(0, 3.916), (1, 2.5), (2, 2.25), (1, 2.0)] {
            try history.add(epoch: epoch, sums(loss), learningRate: 8.5e-6, time: 1_765_467_099)
        }
        let lines = try String(contentsOfFile: history.path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasSuffix("] Epoch 0 - Avg Loss: 3.9160, CTC: 1.8000, CE: 5.3500, LR: 8.50e-06"))
        #expect(lines[1].contains("] Epoch 1 - Avg Loss: 2.0000,"))
        #expect(lines[0].hasPrefix("[\(CalendarText.text(1_765_467_099, "%Y-%m-%d %H:%M:%S", .local))]"))
    }

    @Test func linesOfPeopleStay() throws {
        let folder = try TemporaryDirectory()
        try folder.write("# first try\n", to: "epoch_history.log")
        let history = EpochHistory(folder: folder.path)
        try history.add(epoch: 0, sums(1), learningRate: 1, time: 0)
        let text = try String(contentsOfFile: history.path, encoding: .utf8)
        #expect(text.hasPrefix("# first try\n["))
    }

    @Test func timesAreThoseOfTheCalendar() {
        #expect(CalendarText.text(1_765_467_099.9, "%Y%m%d-%H%M%S", .universal) == "20251211-153139")
        #expect(CalendarText.text(0, "%Y-%m-%d", .universal) == "1970-01-01")
    }
}
