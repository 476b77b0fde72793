/// The mouth guessed from the sound alone, for recordings whose words are not known.
///
/// Opening follows the first formant and the loudness, width and rounding the second, hiss shows the teeth, and
/// short dips inside of speech are closed lips. It is believable rather than right: it cannot tell f from s.
struct HeardMouth: Sendable {
    private var shapes: [MouthShape] = []
    /// Where the lips must be closed, in order of time.
    private(set) var closures: [VisemeTrack.Segment] = []

    /// - Parameter analysis: made with its sounds.
    init(_ analysis: SignalAnalysis) {
        shapes.reserveCapacity(analysis.sounds.count)
        for (index, sound) in analysis.sounds.enumerated() {
            shapes.append(
                analysis.isSpeech[index] ? Self.shape(of: sound, loudness: analysis.loudness[index]) : .rest
            )
        }
        closures = Self.closures(in: analysis)
    }

    /// The mouth at a moment.
    func shape(atSeconds time: Double) -> MouthShape {
        let index = Int(time * Double(SignalAnalysis.rateHz))
        return shapes.indices.contains(index) ? shapes[index] : .rest
    }

    private static func shape(of sound: SoundFeatures, loudness: Float) -> MouthShape {
        let heard = min(max((sound.firstFormantHz - 250) / 500, 0.12), 1)
        let level = loudness.squareRoot()
        let front = min(max((sound.secondFormantHz - 1_500) / 700, 0), 1)
        let back = min(max((1_150 - sound.secondFormantHz) / 350, 0), 1) * (1 - heard * 0.7)
        let vowel = MouthShape(
            opening: (0.18 + 0.75 * heard) * level,
            width: 0.3 * front - 0.5 * back,
            rounding: 0.85 * back,
            upperRaise: 0.3 * level,
            lowerDrop: 0.4 * level,
            upperTeeth: 1 - 0.8 * back,
            lowerTeeth: 0.3 * front,
            tongue: 0.25
        )
        let hiss = Viseme.alveolar.target
        return MouthShape(values: vowel.values + (hiss.values - vowel.values) * sound.sibilance)
    }

    /// Dips of 30 to 140 ms to under 35 % of what lies around, without hiss.
    private static func closures(in analysis: SignalAnalysis) -> [VisemeTrack.Segment] {
        let loudness = analysis.loudness
        var found: [VisemeTrack.Segment] = []
        var start: Int?
        for index in loudness.indices {
            let before = loudness[max(0, index - 12)...index].max() ?? 0
            let after = loudness[index...min(loudness.count - 1, index + 12)].max() ?? 0
            let isDip =
                loudness[index] < 0.35 * min(before, after) && min(before, after) > 0.25
                && analysis.sounds[index].sibilance < 0.3
            if isDip, start == nil { start = index }
            guard !isDip, let first = start else { continue }
            start = nil
            guard (3...14).contains(index - first) else { continue }
            found.append(
                VisemeTrack.Segment(
                    viseme: .closed,
                    startSeconds: Double(first) / Double(SignalAnalysis.rateHz),
                    endSeconds: Double(index) / Double(SignalAnalysis.rateHz)
                )
            )
        }
        return found
    }
}
