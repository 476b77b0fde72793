/// When each character of a text is spoken.
struct CharacterTimes: Sendable {
    /// The text.
    let scalars: [Unicode.Scalar]
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
        scalars = Array(text.unicodeScalars)
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

    /// When a part of the text is spoken: from its first letter or digit to its last, or else without the white space
    /// around it; nil for white space and for what is not part of the text.
    func span(_ part: Range<Int>) -> ClosedRange<Double>? {
        let part = part.clamped(to: starts.indices)
        guard
            let first = part.first(where: { scalars[$0].isSpoken })
                ?? part.first(where: { !scalars[$0].properties.isWhitespace }),
            let last = part.last(where: { scalars[$0].isSpoken })
                ?? part.last(where: { !scalars[$0].properties.isWhitespace })
        else { return nil }
        return starts[first]...max(starts[first], ends[last])
    }
}

extension Unicode.Scalar {
    /// Whether it is a letter, a digit, or a mark on one.
    var isSpoken: Bool {
        properties.isAlphabetic || properties.numericType != nil
            || properties.generalCategory == .nonspacingMark
    }

    /// Whether it is a word, or a syllable of one, by itself, in a script without spaces between words.
    var standsAlone: Bool { properties.isIdeographic || (0x3040...0x30FF).contains(value) }
}
