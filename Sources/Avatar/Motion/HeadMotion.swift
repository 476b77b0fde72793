import Glibc

/// Head, brows and breath, evaluated at any moment.
///
/// The head drifts in pink noise and nods with the voice: head motion follows pitch and loudness in people, and helps
/// listeners to understand (Munhall et al., "Visual prosody and speech intelligibility", 2004).
struct HeadMotion: Sendable {
    /// One slow wave of the drift.
    private struct Wave: Sendable {
        var frequencyHz: Double
        var phase: Double
        var amplitude: Double
    }

    private var yaw: [Wave] = []
    private var pitch: [Wave] = []
    private var roll: [Wave] = []
    private let prosody: Prosody
    private let browBias: Float

    init(prosody: Prosody, seed: UInt64) {
        self.prosody = prosody
        var random = RandomStream(seed: seed, purpose: .head)
        yaw = Self.waves(deviation: 2.4, &random)
        pitch = Self.waves(deviation: 1.2, &random)
        roll = Self.waves(deviation: 1.1, &random)
        var asymmetry = RandomStream(seed: seed, purpose: .asymmetry)
        browBias = Float(asymmetry.uniform(-0.18...0.18))
    }

    /// Adds head, brows and breath to a picture.
    func apply(to frame: inout MotionFrame, atSeconds time: Double) {
        let speaking = speechPresence(at: time)
        let liveliness = 0.5 + 0.5 * speaking
        let accent = accentLevel(at: time)
        frame.yawDegrees = Float(Self.value(yaw, time) * liveliness).clamped(to: -7...7)
        frame.rollDegrees = Float(Self.value(roll, time) * liveliness).clamped(to: -4...4)
        frame.pitchDegrees =
            (Float(Self.value(pitch, time) * liveliness) + 2.4 * accent + closingNod(at: time)).clamped(
                to: -5...7
            )
        let question = questionLevel(at: time)
        let inhale = inhaleLevel(at: time)
        let brow = (0.5 * accent + 0.6 * question + 0.25 * inhale).clamped(to: 0...1)
        frame.browLeft = brow * (1 + browBias)
        frame.browRight = brow * (1 - browBias)
        frame.breath = Float(sin(2 * .pi * 0.25 * time)) * 0.7 + 0.3 * inhale
    }

    /// Octaves of .1 to 1.6 Hz with amplitude falling as `f^-0.8`; the frequencies are no multiples of each other.
    private static func waves(deviation: Double, _ random: inout RandomStream) -> [Wave] {
        let frequencies = [0.09, 0.17, 0.31, 0.63, 1.13].map { $0 * random.uniform(0.85...1.15) }
        let amplitudes = frequencies.map { pow($0, -0.8) }
        let power = amplitudes.reduce(0) { $0 + $1 * $1 / 2 }
        let scale = deviation / power.squareRoot()
        return zip(frequencies, amplitudes).map { frequency, amplitude in
            Wave(frequencyHz: frequency, phase: random.uniform(0...(2 * .pi)), amplitude: amplitude * scale)
        }
    }

    private static func value(_ waves: [Wave], _ time: Double) -> Double {
        waves.reduce(0) { $0 + $1.amplitude * sin(2 * .pi * $1.frequencyHz * time + $1.phase) }
    }

    /// Rises over `attack`, falls over `release`, both without a corner.
    private static func pulse(_ time: Double, attack: Double, release: Double) -> Float {
        guard time > -attack, time < release else { return 0 }
        let position = time < 0 ? 1 + time / attack : 1 - time / release
        return Float(position * position * (3 - 2 * position))
    }

    private func accentLevel(at time: Double) -> Float {
        var level: Float = 0
        for accent in Self.near(prosody.accents, time, \.timeSeconds) {
            level = max(
                level,
                accent.strength * Self.pulse(time - accent.timeSeconds, attack: 0.2, release: 0.42)
            )
        }
        return level
    }

    /// A small bow when a statement is over.
    private func closingNod(at time: Double) -> Float {
        var level: Float = 0
        for phrase in Self.near(prosody.phrases, time, \.endSeconds) where !phrase.isRising {
            level = max(level, Self.pulse(time - phrase.endSeconds, attack: 0.35, release: 0.6))
        }
        return 1.5 * level
    }

    private func questionLevel(at time: Double) -> Float {
        var level: Float = 0
        for phrase in Self.near(prosody.phrases, time, \.endSeconds) where phrase.isRising {
            level = max(level, Self.pulse(time - phrase.endSeconds, attack: 0.5, release: 0.7))
        }
        return level
    }

    /// People breathe in and lift their brows before they begin.
    private func inhaleLevel(at time: Double) -> Float {
        var level: Float = 0
        for phrase in Self.near(prosody.phrases, time, \.startSeconds) where phrase.followsPause {
            level = max(level, Self.pulse(time - phrase.startSeconds + 0.1, attack: 0.3, release: 0.5))
        }
        return level
    }

    /// 1 while somebody speaks, sliding to 0 over half a second around it.
    private func speechPresence(at time: Double) -> Double {
        var presence = 0.0
        let index = Self.firstIndex(prosody.phrases) { $0.endSeconds > time - 0.6 }
        for phrase in prosody.phrases[index...].prefix(3) {
            let distance = max(phrase.startSeconds - time, time - phrase.endSeconds, 0)
            let position = max(0, 1 - distance / 0.6)
            presence = max(presence, position * position * (3 - 2 * position))
        }
        return presence
    }

    private static func near<Event>(
        _ events: [Event],
        _ time: Double,
        _ moment: (Event) -> Double
    ) -> ArraySlice<Event> {
        let first = firstIndex(events) { moment($0) > time - 1 }
        var end = first
        while end < events.count, moment(events[end]) < time + 1 { end += 1 }
        return events[first..<end]
    }

    private static func firstIndex<Event>(_ events: [Event], where isLater: (Event) -> Bool) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if isLater(events[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
