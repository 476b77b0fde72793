/// Sounds in order of time as ``Speech`` promises them: without gaps, from the start of the audio to its end.
enum PhonemeTrack {
    /// A gap shorter than this between two sounds is no silence: the first sound lasts until the second begins.
    static let shortestSilenceSeconds = 0.03

    /// Fills the gaps between sounds.
    ///
    /// - Parameters:
    ///   - phonemes: sounds in any order of their starts; silences among them are taken for gaps. Where two overlap, the
    ///     earlier one ends.
    ///   - durationSeconds: how long the audio is.
    ///   - shortestSilenceSeconds: shorter gaps are no silence.
    /// - Returns: sounds and silences, each longer than nothing.
    static func covering(
        _ phonemes: [TimedPhoneme],
        durationSeconds: Double,
        shortestSilenceSeconds: Double = Self.shortestSilenceSeconds
    ) -> [TimedPhoneme] {
        let heard = phonemes.filter { !$0.symbol.isEmpty && $0.startSeconds < durationSeconds }
            .sorted { $0.startSeconds < $1.startSeconds }
        var result: [TimedPhoneme] = []
        var end = 0.0
        func add(_ phoneme: TimedPhoneme) {
            guard phoneme.endSeconds > phoneme.startSeconds else { return }
            result.append(phoneme)
            end = phoneme.endSeconds
        }
        for (index, phoneme) in heard.enumerated() {
            var phoneme = phoneme
            phoneme.startSeconds = max(end, phoneme.startSeconds)
            let gap = phoneme.startSeconds - end
            if gap > 0, gap < shortestSilenceSeconds {
                // The sound before lasts until this one begins; at the very start this one begins earlier.
                if let last = result.indices.last {
                    result[last].endSeconds = phoneme.startSeconds
                } else {
                    phoneme.startSeconds = end
                }
            } else if gap > 0 {
                add(TimedPhoneme(symbol: "", startSeconds: end, endSeconds: phoneme.startSeconds))
            }
            let next = index + 1 < heard.count ? heard[index + 1].startSeconds : durationSeconds
            phoneme.endSeconds = min(
                max(phoneme.endSeconds, phoneme.startSeconds),
                max(next, phoneme.startSeconds)
            )
            phoneme.endSeconds = min(phoneme.endSeconds, durationSeconds)
            add(phoneme)
        }
        if end < durationSeconds {
            if durationSeconds - end < shortestSilenceSeconds, let last = result.indices.last {
                result[last].endSeconds = durationSeconds
            } else {
                add(TimedPhoneme(symbol: "", startSeconds: end, endSeconds: durationSeconds))
            }
        }
        return result
    }
}
