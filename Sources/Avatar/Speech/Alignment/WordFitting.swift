/// When each character of a text is spoken.
struct CharacterTimes: Sendable {
    /// For each Unicode scalar of the text, when it begins and ends, never going back.
    private(set) var starts: [Double] = []
    private(set) var ends: [Double] = []

    /// Times as ElevenLabs gives them; nil where they are not those of the text.
    init?(_ alignment: ElevenLabsMessages.Alignment, text: String) {
        let count = alignment.characters.count
        guard count > 0, alignment.characterStartTimesSeconds.count == count,
            alignment.characterEndTimesSeconds.count == count,
            alignment.characters.joined() == text
        else { return nil }
        var latest = 0.0
        for (index, character) in alignment.characters.enumerated() {
            let start = alignment.characterStartTimesSeconds[index]
            let end = alignment.characterEndTimesSeconds[index]
            guard start.isFinite, end.isFinite, start >= 0 else { return nil }
            latest = max(latest, start)
            for _ in character.unicodeScalars {
                starts.append(latest)
                ends.append(max(latest, end))
            }
        }
    }

    /// When a part of the text is spoken; nil where it is not part of it.
    func span(_ scalars: Range<Int>) -> ClosedRange<Double>? {
        guard !scalars.isEmpty, scalars.lowerBound >= 0, scalars.upperBound <= starts.count else {
            return nil
        }
        let start = starts[scalars.lowerBound]
        return start...max(start, ends[scalars.upperBound - 1])
    }
}

/// Moves the sounds of a text to where its letters are spoken, word by word.
enum WordFitting {
    /// Fits the words of one voice into the times of another.
    ///
    /// - Parameters:
    ///   - reference: what espeak-ng makes of the text.
    ///   - times: when the other voice says its letters.
    ///   - durationSeconds: how long the other voice's audio is.
    /// - Returns: the sounds, covering the audio.
    static func fit(
        _ reference: SpeechRendering,
        to times: CharacterTimes,
        durationSeconds: Double
    ) -> [TimedPhoneme] {
        let heard = reference.speech.phonemes.filter { !$0.symbol.isEmpty }
        var moved: [TimedPhoneme] = []
        var next = 0
        for (index, word) in reference.words.enumerated() {
            let end = index + 1 < reference.words.count ? reference.words[index + 1].startSeconds : .infinity
            let first = next
            // Sounds before the first word, if any, are its own.
            while next < heard.count, heard[next].startSeconds < end - 1e-9 { next += 1 }
            guard let span = times.span(word.scalars), first < next else { continue }
            moved += stretch(heard[first..<next], to: span)
        }
        return PhonemeTrack.covering(moved, durationSeconds: durationSeconds)
    }

    private static func stretch(
        _ phonemes: ArraySlice<TimedPhoneme>,
        to span: ClosedRange<Double>
    ) -> [TimedPhoneme] {
        guard let start = phonemes.first?.startSeconds, let end = phonemes.last?.endSeconds, end > start
        else {
            return []
        }
        let factor = (span.upperBound - span.lowerBound) / (end - start)
        return phonemes.map { phoneme in
            var phoneme = phoneme
            phoneme.startSeconds = span.lowerBound + (phoneme.startSeconds - start) * factor
            phoneme.endSeconds = span.lowerBound + (phoneme.endSeconds - start) * factor
            return phoneme
        }
    }
}
