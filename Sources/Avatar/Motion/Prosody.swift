/// How something is said: where the voice rises and stresses, where phrases begin and end.
struct Prosody: Sendable {
    /// A stressed moment.
    struct Accent: Sendable {
        var timeSeconds: Double
        /// 0 to 1.
        var strength: Float
    }

    /// A stretch of speech between pauses.
    struct Phrase: Sendable {
        var startSeconds: Double
        var endSeconds: Double
        /// The voice goes up at the end, as in a question.
        var isRising: Bool
        /// A pause of more than 350 ms came before it.
        var followsPause: Bool
    }

    private(set) var accents: [Accent] = []
    private(set) var phrases: [Phrase] = []

    /// - Parameters:
    ///   - analysis: of the sound.
    ///   - phonemes: tells the stressed vowels where known.
    init(_ analysis: SignalAnalysis, phonemes: [TimedPhoneme]) {
        var previousEnd = -1.0
        for range in analysis.phrases() {
            phrases.append(
                Phrase(
                    startSeconds: range.lowerBound,
                    endSeconds: range.upperBound,
                    isRising: Self.rises(analysis, before: range.upperBound),
                    followsPause: range.lowerBound - previousEnd > 0.35
                )
            )
            previousEnd = range.upperBound
        }
        let stressed = phonemes.filter { $0.isStressed && $0.startSeconds.isFinite && $0.endSeconds.isFinite }
        let candidates =
            stressed.isEmpty
            ? Self.peaks(of: analysis)
            : stressed.map { ($0.startSeconds + min($0.endSeconds - $0.startSeconds, 0.3) / 2) }
        for time in candidates.sorted() {
            let strength = Self.strength(analysis, at: time)
            if let last = accents.last, time - last.timeSeconds < 0.45 {
                if strength > last.strength {
                    accents[accents.count - 1] = Accent(timeSeconds: time, strength: strength)
                }
            } else if strength > 0.2 {
                accents.append(Accent(timeSeconds: time, strength: strength))
            }
        }
    }

    /// Loudness and the height of the voice above what it was around, in 0...1.
    private static func strength(_ analysis: SignalAnalysis, at time: Double) -> Float {
        let rate = Double(SignalAnalysis.rateHz)
        let index = min(max(Int(time * rate), 0), analysis.loudness.count - 1)
        let near = max(0, index - 75)..<min(analysis.loudness.count, index + 75)
        let voiced = analysis.pitchSemitones[near].compactMap { $0 }.sorted()
        let here = analysis.pitchSemitones[max(0, index - 5)..<min(analysis.pitchSemitones.count, index + 6)]
            .compactMap { $0 }.max()
        var rise: Float = 0
        if let here, !voiced.isEmpty { rise = min(max((here - voiced[voiced.count / 2]) / 5, 0), 1) }
        let loud = analysis.loudness[max(0, index - 4)..<min(analysis.loudness.count, index + 5)].max() ?? 0
        return min(1, 0.55 * loud + 0.6 * rise)
    }

    /// The tops of the loudness curve over 300 ms.
    private static func peaks(of analysis: SignalAnalysis) -> [Double] {
        let loudness = analysis.loudness
        var times: [Double] = []
        for (index, value) in loudness.enumerated() where value > 0.45 {
            let around = loudness[max(0, index - 15)..<min(loudness.count, index + 16)]
            guard around.allSatisfy({ $0 <= value }) else { continue }
            times.append((Double(index) + 0.5) / Double(SignalAnalysis.rateHz))
        }
        return times
    }

    /// Three semitones up within the last 350 ms of voice.
    private static func rises(_ analysis: SignalAnalysis, before end: Double) -> Bool {
        let last = min(Int(end * Double(SignalAnalysis.rateHz)), analysis.pitchSemitones.count)
        let voiced = analysis.pitchSemitones[max(0, last - 50)..<max(0, last)].compactMap { $0 }
        guard voiced.count >= 12 else { return false }
        let ending = voiced.suffix(5).reduce(0, +) / 5
        let before = voiced.dropLast(8).prefix(8)
        return ending - before.reduce(0, +) / Float(before.count) > 3
    }
}
