import Synchronization
import Testing

@testable import Trainer

/// How fast updates are made, on a clock that is set by hand.
@Suite struct StepMeterTests {
    private final class Clock: Sendable {
        private let time = Mutex(Duration.zero)
        var now: Duration { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = Clock()

    private func meter() -> StepMeter {
        let clock = clock
        return StepMeter(folder: "/") { clock.now }
    }

    private func metrics(_ meter: inout StepMeter) -> [String: Double] {
        Dictionary(meter.metrics()) { $1 }.filter { !$0.key.hasPrefix("system/") }
    }

    @Test func updatesAndSecondsOfSoundAreCountedByTime() {
        var meter = meter()
        meter.resume()
        for _ in 0..<4 {
            clock.pass(.milliseconds(500))
            meter.count(audioSeconds: 12)
        }
        let found = metrics(&meter)
        #expect(found["train/steps_per_second"] == 2)
        #expect(found["train/audio_seconds_per_second"] == 24)
        #expect(found["train/data_wait_share"] == 0)
        // Each line tells of the time since the one before.
        clock.pass(.seconds(4))
        meter.count(audioSeconds: 8)
        let next = metrics(&meter)
        #expect(next["train/steps_per_second"] == 0.25)
        #expect(next["train/audio_seconds_per_second"] == 2)
    }

    @Test func evaluationsAndCheckpointsDoNotCount() {
        var meter = meter()
        meter.resume()
        clock.pass(.seconds(1))
        meter.count(audioSeconds: 0)
        meter.pause()
        clock.pass(.seconds(3600))
        meter.resume()
        clock.pass(.seconds(1))
        meter.count(audioSeconds: 0)
        #expect(meter.recentRate == 1)
        #expect(metrics(&meter)["train/steps_per_second"] == 1)
    }

    /// Twice in a row, as where a checkpoint is saved within an evaluation.
    @Test func pausesNest() {
        var meter = meter()
        meter.resume()
        clock.pass(.seconds(2))
        meter.count(audioSeconds: 0)
        meter.pause()
        clock.pass(.seconds(50))
        meter.pause()
        clock.pass(.seconds(50))
        meter.resume()
        meter.resume()
        #expect(metrics(&meter)["train/steps_per_second"] == 0.5)
    }

    @Test func theRecentRateFollowsSlowly() {
        var meter = meter()
        meter.resume()
        clock.pass(.seconds(1))
        meter.count(audioSeconds: 0)
        #expect(meter.recentRate == 1)
        clock.pass(.milliseconds(500))
        meter.count(audioSeconds: 0)
        #expect(abs(meter.recentRate - 1.1) < 1e-9)
    }

    @Test func waitingIsAShareOfTheTimeSinceTheLastLine() {
        var meter = meter()
        meter.resume()
        for (total, share) in [(1.0, 0.25), (3.0, 0.5), (3.0, 0)] {
            clock.pass(.seconds(4))
            meter.secondsWaited = total
            meter.count(audioSeconds: 0)
            #expect(metrics(&meter)["train/data_wait_share"] == share)
        }
        // A new epoch counts from zero.
        clock.pass(.seconds(4))
        meter.secondsWaited = 1
        meter.count(audioSeconds: 0)
        #expect(metrics(&meter)["train/data_wait_share"] == 0.25)
    }

    @Test func featuresAreCountedSinceTheLastLine() {
        var meter = meter()
        meter.resume()
        for (read, computed) in [(3, 5), (8, 0)] {
            clock.pass(.seconds(1))
            meter.count(featuresRead: read, computed: computed)
            meter.count(featuresRead: 1, computed: 0)
            meter.count(audioSeconds: 0)
            let found = metrics(&meter)
            #expect(found["data/features_read"] == Double(read + 1))
            #expect(found["data/features_computed"] == Double(computed))
        }
        clock.pass(.seconds(1))
        meter.count(audioSeconds: 0)
        #expect(metrics(&meter)["data/features_read"] == nil)
    }

    @Test func withoutAnUpdateThereIsNoSpeed() {
        var meter = meter()
        #expect(metrics(&meter).isEmpty)
        clock.pass(.seconds(1))
        #expect(metrics(&meter).isEmpty)
    }
}
