import Testing

@testable import Avatar

/// A smile is slow, comes where phrases end, and gives way to the sounds of the lips.
@Suite struct SmileMotionTests {
    private static func smile(
        _ speech: Speech,
        seed: UInt64
    ) throws -> (motion: SmileMotion, prosody: Prosody) {
        let analysis = try SignalAnalysis(SoundBlocks(speech.audio), includesSounds: false)
        let prosody = Prosody(analysis, phonemes: speech.phonemes)
        return (SmileMotion(prosody: prosody, seed: seed), prosody)
    }

    @Test func `a smile comes up at the end of a phrase and goes again`() throws {
        let speech = try SpokenFixture.english.speech()
        for seed in UInt64(0)..<20 {
            let (motion, prosody) = try Self.smile(speech, seed: seed)
            let end = try #require(prosody.phrases.last).endSeconds
            let before = motion.level(atSeconds: end - 0.6)
            let there = motion.level(atSeconds: end + 0.2)
            #expect(there > before + 0.15, "seed \(seed)")
            #expect(motion.level(atSeconds: end + 2.5) < there - 0.05, "seed \(seed)")
        }
    }

    @Test func `a smile keeps in its bounds and never jumps`() throws {
        let (motion, _) = try Self.smile(try SpokenFixture.german.speech(), seed: 5)
        let levels = (0..<60 * 25).map { motion.level(atSeconds: MotionFrame.timeSeconds(ofFrame: $0)) }
        #expect(levels.allSatisfy { (-0.12...0.42).contains($0) })
        #expect(zip(levels, levels.dropFirst()).allSatisfy { abs($1 - $0) < 0.05 })
        #expect((levels.max() ?? 0) - (levels.min() ?? 0) > 0.1)
    }

    @Test func `pressed and pushed lips smile less, cheeks do not`() {
        func frame(_ symbol: String) -> MotionFrame {
            var frame = MotionFrame()
            frame.mouth = Viseme.sequence(of: symbol)[0].target
            return frame
        }
        let resting = frame("_").lipSmile(resting: 0.8)
        #expect(frame("m").lipSmile(resting: 0.8) < resting)
        #expect(frame("u").lipSmile(resting: 0.8) < 0.6 * resting)
        #expect(frame("u").faceSmile(resting: 0.8) == frame("i").faceSmile(resting: 0.8))
        #expect(frame("u").lipSmile(resting: -0.4) == -0.4)
    }

    @Test func `the corners of a smiling mouth are up, and Joy's the farthest`() throws {
        func rise(_ id: String, smile: Float) throws -> Double {
            let avatar = try BuiltInAvatars.avatar(id)
            var frame = MotionFrame()
            frame.smile = smile
            let mouth = MouthGeometry(avatar, frame)
            return mouth.innerTop - mouth.cornerY
        }
        #expect(try rise("default", smile: 0.3) > rise("default", smile: 0))
        let joy = try rise("happy", smile: 0)
        for id in BuiltInAvatars.ids where id != "happy" { #expect(try joy > rise(id, smile: 0)) }
    }
}
