import TestSupport
import Testing

@testable import Collector

@Suite struct BackupScheduleTests {
    private let interval: Duration = .seconds(1800)
    private let broken = CollectorError.connection(host: "gpu", reason: "refused")

    private func fresh(_ secondsSinceSuccess: Double? = nil) -> BackupSchedule {
        BackupSchedule(interval: interval, jitter: .seconds(60), secondsSinceSuccess: secondsSinceSuccess)
    }

    @Test(
        "After a restart the next pass is due when it would have been, never later than an interval from now",
        arguments: [
            (nil, 0), (600.0, 1200), (1800.0, 0), (1e12, 0), (-1e12, 1800), (0, 1800), (.infinity, 0),
        ] as [(Double?, Double)]
    )
    func restart(_ sinceSuccess: Double?, _ delay: Double) {
        #expect(fresh(sinceSuccess).delay == .seconds(delay))
    }

    @Test("After success an interval and some jitter")
    func success() {
        var schedule = fresh()
        schedule.passEnded(nil, random: 0)
        #expect(schedule.delay == .seconds(1800))
        schedule.passEnded(nil, random: 1)
        #expect(schedule.delay == .seconds(1860))
    }

    @Test("After failure soon, then less and less often, up to the interval; success forgets the failures")
    func failures() {
        var schedule = fresh()
        var delays: [Duration] = []
        for _ in 0..<14 {
            schedule.passEnded(broken, random: 1)
            delays.append(schedule.delay)
        }
        #expect(Array(delays.prefix(6)) == [2, 4, 8, 16, 32, 64].map { Duration.seconds($0) })
        #expect(delays.suffix(4).allSatisfy { $0 == interval })
        schedule.passEnded(nil, random: 0)
        schedule.passEnded(broken, random: 0)
        #expect(schedule.delay == .seconds(1))
    }

    @Test("However often and luckily it fails, a pass comes after a second at least and an interval at most")
    func bounds() {
        var random = SeededRandom.fresh()
        var schedule = fresh()
        for _ in 0..<2000 {
            schedule.passEnded(broken, random: Double.random(in: -1...2, using: &random))
            #expect(schedule.delay >= .seconds(1) && schedule.delay <= interval, "\(random)")
        }
    }

    @Test("What no repetition cures is tried once an interval")
    func fatal() {
        var schedule = fresh()
        schedule.passEnded(.hostKeyChanged(host: "gpu", pinned: "a", offered: "b"), random: 0)
        #expect(schedule.delay == interval)
    }
}
