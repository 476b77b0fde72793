import Glibc

/// How a smile comes and goes, planned once per clip and evaluated at any moment.
///
/// A level that drifts slowly, as faces do, is lifted where a phrase is over and where somebody is about to begin, when
/// a speaker looks for the listener's agreement. It is added to what a face has by nature; what the lips need for their
/// sounds is taken off it by ``MotionFrame/lipSmile(resting:)``.
struct SmileMotion: Sendable {
    private let prosody: Prosody
    private let phases: (slow: Double, quick: Double)

    /// The slow drift's frequencies in hertz: their common period is longer than any clip that is looked at.
    private static let frequenciesHz = (slow: 0.071, quick: 0.193)
    private static let drift = (slow: 0.07, quick: 0.04)
    private static let lift: Float = 0.3

    init(prosody: Prosody, seed: UInt64) {
        self.prosody = prosody
        var random = RandomStream(seed: seed, purpose: .smile)
        phases = (random.uniform(0...(2 * .pi)), random.uniform(0...(2 * .pi)))
    }

    /// What is added to the resting smile, about -0.1 to 0.4.
    func level(atSeconds time: Double) -> Float {
        let slow = Self.drift.slow * sin(2 * .pi * Self.frequenciesHz.slow * time + phases.slow)
        let quick = Self.drift.quick * sin(2 * .pi * Self.frequenciesHz.quick * time + phases.quick)
        return Float(slow + quick) + Self.lift * phraseEnd(at: time)
    }

    /// Rises over the last half second of a phrase, stays a moment and fades over a second and a half.
    private func phraseEnd(at time: Double) -> Float {
        var level = 0.0
        for phrase in prosody.phrases {
            let after = time - phrase.endSeconds
            if after < -0.5 { break }
            guard after < 1.9 else { continue }
            let position = after < 0.1 ? (after + 0.5) / 0.6 : after < 0.4 ? 1 : 1 - (after - 0.4) / 1.5
            level = max(level, position * position * (3 - 2 * position))
        }
        return Float(level)
    }
}

extension MotionFrame {
    /// The smile of cheeks and lids, which no sound of speech takes away.
    ///
    /// - Parameter resting: what the face has by nature.
    /// - Returns: 0 to about 1; less than 0 for a face that looks grave.
    func faceSmile(resting: Double) -> Double { (resting + Double(smile)).clamped(to: -0.5...1.1) }

    /// The smile of the mouth's corners: less for lips that are pressed or pushed forward.
    ///
    /// - Parameter resting: what the face has by nature.
    /// - Returns: as ``faceSmile(resting:)``, or a part of it.
    func lipSmile(resting: Double) -> Double {
        let level = faceSmile(resting: resting)
        guard level > 0 else { return level }
        let rounding = Double(mouth.rounding.clamped(to: 0...1))
        let press = Double(mouth.press.clamped(to: 0...1))
        return level * (1 - 0.55 * rounding) * (1 - 0.3 * press)
    }
}
