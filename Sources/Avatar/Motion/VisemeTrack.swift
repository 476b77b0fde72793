import Glibc

/// The visemes of a speech in order of time, and the mouth that they make together.
///
/// Immutable and evaluated at any moment, so motion needs no memory of what came before.
struct VisemeTrack: Sendable {
    /// One viseme and when it is spoken.
    struct Segment: Sendable {
        var viseme: Viseme
        var startSeconds: Double
        var endSeconds: Double
    }

    /// How far from a moment sounds still count.
    private static let reachSeconds = 0.3
    private let segments: [Segment]

    /// - Parameters:
    ///   - phonemes: from any source: what is not finite, not in order or beyond the sound is put right or left out.
    ///   - durationSeconds: the length of the sound.
    init(_ phonemes: [TimedPhoneme], durationSeconds: Double) {
        var segments: [Segment] = []
        let ordered =
            phonemes
            .filter { $0.startSeconds.isFinite && $0.endSeconds.isFinite }
            .sorted { $0.startSeconds < $1.startSeconds }
        var reached = 0.0
        for phoneme in ordered {
            let start = min(max(phoneme.startSeconds, reached), durationSeconds)
            let end = min(max(phoneme.endSeconds, start), durationSeconds)
            guard end > start else { continue }
            if start > reached {
                segments.append(Segment(viseme: .rest, startSeconds: reached, endSeconds: start))
            }
            Self.append(Viseme.sequence(of: phoneme.symbol), from: start, to: end, to: &segments)
            reached = end
        }
        segments.append(
            Segment(viseme: .rest, startSeconds: reached, endSeconds: max(durationSeconds, reached) + 1)
        )
        self.segments = segments
    }

    /// A diphthong stays 60 % of its time with its first vowel.
    private static func append(
        _ visemes: [Viseme],
        from start: Double,
        to end: Double,
        to segments: inout [Segment]
    ) {
        var position = start
        for (index, viseme) in visemes.enumerated() {
            let isLast = index == visemes.count - 1
            let share = index == 0 ? 0.6 : 0.5
            let next = isLast ? end : position + (end - position) * share
            segments.append(Segment(viseme: viseme, startSeconds: position, endSeconds: next))
            position = next
        }
    }

    /// The mouth that the sounds around a moment ask for.
    ///
    /// Source: Cohen and Massaro 1993, equation 3, with exponential dominance. The time is that to the core of a
    /// sound, the middle half of it, so that long vowels keep their shape.
    func shape(atSeconds time: Double) -> MouthShape {
        var weighted = SIMD16<Float>.zero
        var total = SIMD16<Float>(repeating: 1e-6)
        for segment in segments[range(around: time)] {
            let middle = (segment.startSeconds + segment.endSeconds) / 2
            let core = (segment.endSeconds - segment.startSeconds) / 4
            let distance = Float(max(0, abs(time - middle) - core))
            let reach = time < middle ? segment.viseme.leadSeconds : segment.viseme.trailSeconds
            let dominance = segment.viseme.dominance * exp(-distance / reach)
            weighted += dominance * segment.viseme.target.values
            total += dominance
        }
        return MouthShape(values: weighted / total)
    }

    /// The segments that must be seen, with their obligation, that touch a span of time.
    func obligations(fromSeconds start: Double, toSeconds end: Double) -> [Segment] {
        segments[range(around: (start + end) / 2)].filter {
            guard case .none = $0.viseme.obligation else {
                return $0.endSeconds > start && $0.startSeconds < end
            }
            return false
        }
    }

    private func range(around time: Double) -> Range<Int> {
        let first = firstIndex { $0.endSeconds > time - Self.reachSeconds }
        let end = firstIndex { $0.startSeconds > time + Self.reachSeconds }
        return first..<max(first, end)
    }

    /// Binary search for the first segment of the later part.
    private func firstIndex(where isLater: (Segment) -> Bool) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if isLater(segments[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
