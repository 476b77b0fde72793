import Glibc

/// Blinks and looks, planned once per clip and evaluated at any moment.
///
/// Rates are those of people who talk: Bentivoglio et al. 1997 (26 blinks a minute in conversation, 17 at rest) and
/// Doughty 2001 (10.5 to 32.5); the plan aims at 18. Gaze leaves the listener in short saccades and returns.
struct EyeMotion: Sendable {
    private struct Look: Sendable {
        var timeSeconds: Double
        var x: Float
        var y: Float
    }

    private var blinks: [Double] = []
    private var looks: [Look] = [Look(timeSeconds: -1, x: 0, y: 0)]
    /// Small jumps around the place that is looked at.
    private var fixations: [Look] = [Look(timeSeconds: -1, x: 0, y: 0)]

    /// Time for a lid to close, stay closed and open again, in seconds.
    private static let closing = 0.1
    private static let closed = 0.03
    private static let opening = 0.16
    private static let saccadeSeconds = 0.08
    /// How far the eyes turn against each degree of the head's turn, so that they stay on the listener (the
    /// vestibulo-ocular reflex).
    static let counterTurn: Float = 0.04

    init(durationSeconds: Double, prosody: Prosody, seed: UInt64) {
        planLooks(durationSeconds, RandomStream(seed: seed, purpose: .gaze))
        planFixations(durationSeconds, RandomStream(seed: seed, purpose: .fixation))
        planBlinks(durationSeconds, prosody, RandomStream(seed: seed, purpose: .blinks))
    }

    /// Both lids, 0 open to 1 shut.
    func blink(atSeconds time: Double) -> Float {
        var value: Float = 0
        var index = Self.firstIndex(in: blinks.count) { blinks[$0] > time } - 1
        while index >= 0, time - blinks[index] < 0.6 {
            value = max(value, Self.lid(afterSeconds: time - blinks[index]))
            index -= 1
        }
        return value
    }

    /// Where the eyes look, -1...1 in each direction.
    func gaze(atSeconds time: Double) -> (x: Float, y: Float) {
        let look = Self.place(in: looks, atSeconds: time, over: Self.saccadeSeconds)
        let fixation = Self.place(in: fixations, atSeconds: time, over: Self.saccadeSeconds / 2)
        return (look.x + fixation.x, look.y + fixation.y)
    }

    /// Where a sequence of looks has come to.
    private static func place(
        in looks: [Look],
        atSeconds time: Double,
        over duration: Double
    ) -> (x: Float, y: Float) {
        let next = firstIndex(in: looks.count) { looks[$0].timeSeconds > time }
        let current = looks[max(0, next - 1)]
        let before = looks[max(0, next - 2)]
        let progress = Float(min(max((time - current.timeSeconds) / duration, 0), 1))
        let eased = progress * progress * (3 - 2 * progress)
        return (before.x + (current.x - before.x) * eased, before.y + (current.y - before.y) * eased)
    }

    /// How many blinks begin before a time.
    func blinkCount(beforeSeconds time: Double) -> Int {
        Self.firstIndex(in: blinks.count) { blinks[$0] >= time }
    }

    private static func lid(afterSeconds time: Double) -> Float {
        if time < closing { return Float(time / closing) }
        if time < closing + closed { return 1 }
        let progress = Float(min((time - closing - closed) / opening, 1))
        return 1 - progress * (1.3 - 0.3 * progress)
    }

    private mutating func planLooks(_ duration: Double, _ stream: RandomStream) {
        var random = stream
        var time = random.uniform(0.4...1.6)
        while time < duration {
            let isAway = random.uniform(0...1) > 0.62
            looks.append(
                Look(
                    timeSeconds: time,
                    x: Float(random.normal() * (isAway ? 0.34 : 0.07)).clamped(to: -0.65...0.65),
                    y: Float(random.normal() * (isAway ? 0.18 : 0.05) - (isAway ? 0.05 : 0)).clamped(
                        to: -0.5...0.5
                    )
                )
            )
            time += isAway ? random.uniform(0.35...1.0) : random.uniform(0.8...2.6)
        }
    }

    /// Eyes that look at a face jump between its eyes and its mouth, two or three times a second, by about a degree.
    private mutating func planFixations(_ duration: Double, _ stream: RandomStream) {
        var random = stream
        var time = random.uniform(0.1...0.4)
        while time < duration {
            fixations.append(
                Look(
                    timeSeconds: time,
                    x: Float(0.045 * random.normal()).clamped(to: -0.1...0.1),
                    y: Float(0.03 * random.normal()).clamped(to: -0.07...0.07)
                )
            )
            time += random.uniform(0.22...0.75)
        }
    }

    /// Log-normal gaps, drawn towards the ends of phrases and large looks, one in ten doubled.
    private mutating func planBlinks(_ duration: Double, _ prosody: Prosody, _ stream: RandomStream) {
        var random = stream
        var attractors = prosody.phrases.map { $0.endSeconds + 0.04 }
        for (before, look) in zip(looks, looks.dropFirst()) where abs(look.x - before.x) > 0.3 {
            attractors.append(look.timeSeconds)
        }
        attractors.sort()
        var time = random.uniform(0.6...2.4)
        while time < duration - 0.35 {
            let near = attractors.filter { abs($0 - time) < 0.45 }.min { abs($0 - time) < abs($1 - time) }
            if let near, near > (blinks.last ?? -1) + 0.9, near < duration - 0.35 { time = near }
            time = max(time, 0.2)
            blinks.append(time)
            if random.uniform(0...1) < 0.08, time + 0.36 < duration - 0.35 { blinks.append(time + 0.36) }
            time = (blinks.last ?? time) + min(max(3.05 * exp(0.45 * random.normal()), 1.0), 6.0)
        }
    }

    private static func firstIndex(in count: Int, where isLater: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isLater(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
