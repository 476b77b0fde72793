import Glibc

/// The mouth picture by picture.
///
/// Each picture is a pure function of the sound around it: the wanted shape is averaged over 80 ms, closures and
/// labiodentals are put in, and then no picture may be more open than its neighbours allow. That last bound,
/// `min over j of (opening[j] + limit * |i - j|)`, keeps every closure, has no lag, and never lets a lip jump.
struct MouthMotion: Sendable {
    /// How much more open a picture may be than the one beside it.
    static let openingStep: Float = 0.185
    /// How much more pressed a picture may be than the one beside it.
    private static let pressStep: Float = 0.4
    /// How much less tucked the lower lip may be than in the picture beside it.
    private static let lowerLipStep: Float = 0.4
    /// The mouth moves this much before its sound is heard, as it does in people.
    static let leadSeconds = 0.02
    private static let reach = 5
    private static let restingThreshold: Float = 0.02

    private enum Source: Sendable {
        case phonemes(VisemeTrack)
        case sound(HeardMouth)
    }

    private let source: Source
    private let analysis: SignalAnalysis
    private let frameCount: Int
    /// Wanted shapes of the pictures around the last one asked for.
    private var cache: [Int: MouthShape] = [:]

    init(phonemes: [TimedPhoneme], analysis: SignalAnalysis, durationSeconds: Double) {
        source =
            phonemes.isEmpty
            ? .sound(HeardMouth(analysis))
            : .phonemes(VisemeTrack(phonemes, durationSeconds: durationSeconds))
        self.analysis = analysis
        frameCount = MotionFrame.count(durationSeconds: durationSeconds)
    }

    /// The mouth of a picture; cheapest when asked in order.
    mutating func shape(ofFrame index: Int) -> MouthShape {
        if cache.count > 64 { cache = cache.filter { abs($0.key - index) <= Self.reach } }
        var shape = wanted(index)
        for other in max(0, index - Self.reach)...min(frameCount - 1, index + Self.reach) {
            let distance = Float(abs(other - index))
            let neighbor = wanted(other)
            shape.opening = min(shape.opening, neighbor.opening + Self.openingStep * distance)
            shape.lowerDrop = min(shape.lowerDrop, neighbor.lowerDrop + Self.lowerLipStep * distance)
            shape.press = max(shape.press, neighbor.press - Self.pressStep * distance)
        }
        // The first and last pictures come from and go to a closed mouth.
        shape.opening = min(shape.opening, Self.openingStep * Float(min(index, frameCount - 1 - index)))
        return shape
    }

    private mutating func wanted(_ index: Int) -> MouthShape {
        if let known = cache[index] { return known }
        let shape = smoothed(index)
        cache[index] = shape
        return shape
    }

    private func smoothed(_ index: Int) -> MouthShape {
        let time = MotionFrame.timeSeconds(ofFrame: index) + Self.leadSeconds
        var sum = SIMD16<Float>.zero
        var total: Float = 0
        for step in -3...3 {
            let weight = Float(4 - abs(step))
            sum += weight * target(atSeconds: time + 0.01 * Double(step)).values
            total += weight
        }
        var shape = MouthShape(values: sum / total)
        if shape.opening < Self.restingThreshold { shape.opening = 0 }
        for segment in obligations(around: time) { Self.oblige(&shape, segment, time) }
        return shape
    }

    /// The shape wanted at a moment, more open where the voice is louder.
    private func target(atSeconds time: Double) -> MouthShape {
        switch source {
        case .phonemes(let track):
            var shape = track.shape(atSeconds: time)
            let loudness = SignalAnalysis.value(of: analysis.loudness, atSeconds: time).squareRoot()
            shape.opening = min(1, shape.opening * (0.45 + 0.85 * loudness))
            return shape
        case .sound(let heard): return heard.shape(atSeconds: time)
        }
    }

    private func obligations(around time: Double) -> [VisemeTrack.Segment] {
        switch source {
        case .phonemes(let track): return track.obligations(fromSeconds: time - 0.1, toSeconds: time + 0.1)
        case .sound(let heard):
            return heard.closures.filter { $0.endSeconds > time - 0.1 && $0.startSeconds < time + 0.1 }
        }
    }

    /// A closure is seen for its own time, and for two pictures at least.
    private static func oblige(_ shape: inout MouthShape, _ segment: VisemeTrack.Segment, _ time: Double) {
        let middle = (segment.startSeconds + segment.endSeconds) / 2
        let half = max((segment.endSeconds - segment.startSeconds) / 2 * 0.9, 0.0401)
        guard abs(time - middle) <= half else { return }
        switch segment.viseme.obligation {
        case .none: break
        case .lipsClosed:
            shape.opening = 0
            shape.press = max(shape.press, 0.95)
            shape.lowerDrop = max(shape.lowerDrop, 0)
        case .lipOnTeeth:
            guard shape.press < 0.9 else { return }
            shape.opening = min(shape.opening, 0.1)
            shape.lowerDrop = min(shape.lowerDrop, -0.65)
        }
    }
}
