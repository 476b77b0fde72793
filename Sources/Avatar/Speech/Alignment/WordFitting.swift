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
        let units = units(reference.words, times)
        var moved: [TimedPhoneme] = []
        var next = 0
        for (index, unit) in units.enumerated() {
            let following = index + 1 < units.count ? units[index + 1] : nil
            let first = next
            // Sounds before the first word, if any, are its own.
            while next < heard.count, heard[next].startSeconds < (following?.startSeconds ?? .infinity) - 1e-9
            {
                next += 1
            }
            let end = following?.firstScalar ?? times.scalars.count
            guard var span = times.span(unit.firstScalar..<end) else { continue }
            // No word lasts into the next one.
            if let following {
                let limit = max(span.lowerBound, times.starts[following.firstScalar])
                span = span.lowerBound...min(span.upperBound, limit)
            }
            moved += stretch(heard[first..<next], to: span)
        }
        return PhonemeTrack.covering(moved, durationSeconds: durationSeconds)
    }

    private struct Unit {
        var firstScalar: Int
        var startSeconds: Double
    }

    /// The places where words begin in the text and in the speech alike.
    ///
    /// espeak-ng says `1234` and `3.5%` in several words, of which all but the first lie inside of it, and `U.S.A.` as
    /// one: what does not begin a word of the text belongs to the one before.
    private static func units(_ words: [SpokenWord], _ times: CharacterTimes) -> [Unit] {
        let scalars = times.scalars
        var units: [Unit] = []
        for word in words {
            let place = word.scalars.lowerBound
            guard scalars.indices.contains(place), place > units.last?.firstScalar ?? -1,
                !scalars[place].properties.isWhitespace
            else { continue }
            // Scalars of one character are spoken at one time.
            if let last = units.last, times.starts[place] <= times.starts[last.firstScalar] { continue }
            let before = place > 0 ? scalars[place - 1] : " "
            guard !before.isSpoken || scalars[place].standsAlone else { continue }
            units.append(Unit(firstScalar: place, startSeconds: word.startSeconds))
        }
        return units
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
