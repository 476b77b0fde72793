import Foundation

/// The word and character error rates of a run over time, from its `eval` events or its metrics.
enum EvaluationHistory {
    /// - Parameters:
    ///   - events: What the run reported as evaluations.
    ///   - series: Its metrics; searched for an error rate when no evaluation has one.
    /// - Returns: In logged order.
    static func rows(_ events: [EvaluationRow], _ series: [SeriesReport]) -> [EvaluationRow] {
        if events.contains(where: { $0.wordErrorRate != nil || $0.characterErrorRate != nil }) {
            return events
        }
        guard let words = series.first(where: { isRate($0.name, "wer") }) else { return events }
        let characters = series.first { isRate($0.name, "cer") }
        var byStep: [Double: Double] = [:]
        for point in characters?.points ?? [] { byStep[point.x] = point.y }
        let wordScale = scale(words)
        let characterScale = characters.map(scale) ?? 1
        return events
            + words.points.filter { $0.y.isFinite }.map { point in
                EvaluationRow(
                    step: point.x,
                    epoch: nil,
                    time: nil,
                    wordErrorRate: point.y * wordScale,
                    characterErrorRate: byStep[point.x].map { $0 * characterScale },
                    transcripts: []
                )
            }
    }

    /// `eval/wer`, `eval_wer`, `val-wer`, `WER`.
    private static func isRate(_ name: String, _ rate: String) -> Bool {
        let words = name.lowercased().split { "/_-. ".contains($0) }
        return words.last.map(String.init) == rate
    }

    /// Error rates are fractions to some and percents to others.
    ///
    /// One that never gets below 1.5 can only be percents: nobody keeps training a recogniser that makes more
    /// errors than there are words.
    private static func scale(_ series: SeriesReport) -> Double {
        (series.minimum?.y ?? 0) > 1.5 ? 0.01 : 1
    }
}
