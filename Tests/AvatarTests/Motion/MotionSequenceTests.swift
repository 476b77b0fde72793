import Audio
import Glibc
import TestSupport
import Testing

@testable import Avatar

/// The gates of a pleasant clip, as the research on talking heads sets them.
@Suite struct MotionSequenceTests {
    private static func quality(
        _ speech: Speech,
        seed: UInt64 = 7,
        avatar: String = "default"
    ) throws -> MotionQuality {
        let skin = PortraitRenderer(try BuiltInAvatars.avatar(avatar), size: 256)
        let motion = try MotionSequence(speech, seed: seed)
        var measurement = MotionMeasurement()
        for frame in motion { measurement.add(frame, skin: skin) }
        return measurement.quality(
            of: motion,
            phonemes: speech.phonemes
        )
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

    @Test(arguments: BuiltInAvatars.ids)
    func `no part of a face jumps`(_ id: String) throws {
        var random = SeededRandom.fresh()
        for _ in 0..<2 {
            let speech = InventedSpeech.speech(seconds: 8, using: &random)
            let quality = try Self.quality(speech, seed: random.next(), avatar: id)
            #expect(quality.largestJump <= 0.04, "\(id) \(random)")
            #expect(try #require(quality.closureHitRate) >= 0.95, "\(id) \(random)")
        }
        let spoken = try Self.quality(SpokenFixture.english.speech(), avatar: id)
        #expect(spoken.largestJump <= 0.04, "\(id): \(spoken.largestJump)")
    }

    @Test func `eyes blink as people's do`() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<3 {
            let speech = InventedSpeech.speech(seconds: 60, using: &random)
            let motion = try MotionSequence(speech, seed: random.next())
            // Doughty 2001: 10.5 to 32.5 in conversation; the gate is 10 to 30.
            #expect((10...30).contains(motion.blinkCount), "\(motion.blinkCount) a minute, \(random)")
            var shut = 0
            var longest = 0
            for frame in motion {
                shut = frame.blinkLeft > 0.8 ? shut + 1 : 0
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

    @Test(arguments: [0.3, 0.01, 1.0, 3.333, 61.7, 600])
    func `every length has its pictures`(_ seconds: Double) throws {
        let speech = InventedSpeech.silence(seconds: seconds, rate: 2_000)
        let motion = try MotionSequence(speech, seed: 1)
        #expect(motion.count == max(1, Int((speech.audio.durationSeconds * 25).rounded())))
        #expect(motion.reduce(0) { count, _ in count + 1 } == motion.count)
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
