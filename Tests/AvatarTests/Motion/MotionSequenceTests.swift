import Audio
import Glibc
import TestSupport
import Testing

@testable import Avatar

/// The gates of a pleasant clip, as the research on talking heads sets them.
@Suite struct MotionSequenceTests {
    private static func quality(_ speech: Speech) throws -> MotionQuality {
        let skin = PortraitRenderer(try BuiltInAvatars.avatar("default"), size: 256)
        let motion = try MotionSequence(speech, seed: 7)
        var measurement = MotionMeasurement()
        for frame in motion { measurement.add(frame, skin: skin) }
        return measurement.quality(of: motion, phonemes: speech.phonemes)
    }

    @Test(arguments: SpokenFixture.allCases)
    func `the mouth follows real speech`(_ fixture: SpokenFixture) throws {
        let quality = try Self.quality(fixture.speech())
        let correlation = try #require(quality.syncCorrelation)
        #expect(correlation >= 0.5, "\(fixture): \(correlation)")
        #expect(abs(try #require(quality.syncLagFrames)) <= 1)
        #expect(try #require(quality.closureHitRate) >= 0.95)
        #expect(quality.lipRange > 0.12)
    }

    @Test(arguments: SpokenFixture.allCases)
    func `the mouth follows real speech whose words are unknown`(_ fixture: SpokenFixture) throws {
        var speech = try fixture.speech()
        speech.phonemes = []
        let quality = try Self.quality(speech)
        let correlation = try #require(quality.syncCorrelation)
        #expect(correlation >= 0.5, "\(fixture): \(correlation)")
        #expect(abs(try #require(quality.syncLagFrames)) <= 1)
        #expect(quality.closureHitRate == nil)
        #expect(quality.largestJump <= 0.04)
        #expect(quality.lipRange > 0.1)
    }

    @Test func `no part of any face jumps`() throws {
        var random = SeededRandom.fresh()
        var speeches = [try SpokenFixture.english.speech()]
        while speeches.count < 3 {
            let speech = InventedSpeech.speech(seconds: 8, using: &random)
            // One in a thousand has no lips to close.
            guard speech.phonemes.contains(where: { ["m", "b", "p"].contains($0.symbol) }) else { continue }
            speeches.append(speech)
        }
        for speech in speeches {
            let motion = try MotionSequence(speech, seed: random.next())
            for id in BuiltInAvatars.ids {
                let skin = PortraitRenderer(try BuiltInAvatars.avatar(id), size: 256)
                var measurement = MotionMeasurement()
                for frame in motion { measurement.add(frame, skin: skin) }
                let quality = measurement.quality(of: motion, phonemes: speech.phonemes)
                #expect(quality.largestJump <= 0.04, "\(id) \(random)")
                #expect(try #require(quality.closureHitRate) >= 0.95, "\(id) \(random)")
            }
        }
    }

    @Test func `eyes blink as people's do`() throws {
        var random = SeededRandom.fresh()
        let speech = InventedSpeech.speech(seconds: 12, using: &random)
        let analysis = try SignalAnalysis(SoundBlocks(speech.audio), includesSounds: false)
        let prosody = Prosody(analysis, phonemes: speech.phonemes)
        for _ in 0..<100 {
            let eyes = EyeMotion(durationSeconds: 60, prosody: prosody, seed: random.next())
            let count = eyes.blinkCount(beforeSeconds: 60)
            // Doughty 2001: 10.5 to 32.5 in conversation. One minute in 60,000 has more than 30.
            #expect((10...33).contains(count), "\(count) a minute, \(random)")
            var shut = 0
            var longest = 0
            for index in 0..<60 * 25 {
                let blink = eyes.blink(atSeconds: MotionFrame.timeSeconds(ofFrame: index))
                shut = blink > 0.8 ? shut + 1 : 0
                longest = max(longest, shut)
            }
            #expect((1...6).contains(longest), "\(random)")
        }
    }

    @Test func `silence keeps the mouth shut and the eyes alive`() throws {
        let speech = InventedSpeech.silence(seconds: 20)
        let frames = Array(try MotionSequence(speech, seed: 3))
        #expect(frames.allSatisfy { $0.mouth.opening == 0 })
        #expect(frames.contains { $0.blinkLeft > 0.9 })
        let gaze = frames.map(\.gazeX)
        #expect((gaze.max() ?? 0) - (gaze.min() ?? 0) > 0.15)
        // Small saccades, two or three a second, between the long looks.
        let turned = zip(frames, frames.dropFirst()).count { abs($1.gazeX - $0.gazeX) > 0.02 }
        #expect(turned > 15)
        let breath = frames.map(\.breath)
        #expect((breath.max() ?? 0) > 0.5 && (breath.min() ?? 0) < -0.5)
    }

    @Test func `the mouth rests in the pauses of speech`() throws {
        var speech = try SpokenFixture.english.speech()
        speech.audio.samples += [Float](repeating: 0, count: speech.audio.sampleRateHz)
        let quality = try Self.quality(speech)
        #expect(try #require(quality.silentOpening) < 0.01)
        #expect(try #require(quality.silentDifference) < 0.005)
    }

    @Test func `the same seed moves the same, another one differently`() throws {
        let speech = try SpokenFixture.german.speech()
        let first = Array(try MotionSequence(speech, seed: 11))
        #expect(first == Array(try MotionSequence(speech, seed: 11)))
        let other = Array(try MotionSequence(speech, seed: 12))
        #expect(first != other)
        #expect(first.map(\.mouth) == other.map(\.mouth))
    }

    @Test(arguments: [0.3, 0.01, 1.0, 3.333, 61.7])
    func `every length has its pictures`(_ seconds: Double) throws {
        let speech = InventedSpeech.silence(seconds: seconds, rate: 2_000)
        let motion = try MotionSequence(speech, seed: 1)
        #expect(motion.count == max(1, Int((speech.audio.durationSeconds * 25).rounded())))
        #expect(motion.reduce(0) { count, _ in count + 1 } == motion.count)
    }

    @Test(arguments: [(600, 15_000), (0.019, 1), (0.06, 2), (0.0, 1), (3_600, 90_000)])
    func `a duration is rounded to pictures`(_ seconds: Double, _ count: Int) {
        #expect(MotionFrame.count(durationSeconds: seconds) == count)
    }

    @Test(arguments: [8_000, 48_000])
    func `hostile sound moves nothing out of range`(_ rate: Int) throws {
        var random = SeededRandom.fresh()
        var samples = (0..<rate * 2).map { _ in Float.random(in: -3...3, using: &random) }
        for index in stride(from: 0, to: samples.count, by: 97) { samples[index] = .nan }
        samples[5] = .infinity
        let speech = Speech(audio: AudioSignal(samples: samples, sampleRateHz: rate), phonemes: [])
        for frame in try MotionSequence(speech, seed: 1) {
            #expect((0...1).contains(frame.mouth.opening), "\(random)")
            #expect(abs(frame.yawDegrees) <= 7 && abs(frame.pitchDegrees) <= 7 && abs(frame.rollDegrees) <= 4)
        }
    }

    @Test func `the head moves more while it speaks, and never much`() throws {
        let quality = try Self.quality(try SpokenFixture.english.speech())
        #expect(quality.headDeviationDegrees.allSatisfy { (0.3...4).contains($0) })
    }
}
