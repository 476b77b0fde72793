/// What espeak-ng 1.51 writes for a sound, as the International Phonetic Alphabet has it.
enum EspeakSymbol: Equatable {
    /// A sound.
    case sound(String)
    /// A pause.
    case silence
    /// Nothing to be heard: `(en)` where the language changes, a mark on the sound before, a tone alone.
    case nothing

    /// Reads a symbol.
    ///
    /// - Parameter text: as an event gives it.
    init(_ text: String) {
        let text = Self.plain(text)
        guard !text.isEmpty else {
            self = .silence
            return
        }
        guard !text.hasPrefix("(") else {
            self = .nothing
            return
        }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let letter = Self.leftovers[scalar] {
                cleaned.append(letter)
            } else if !scalar.isASCII || ("a"..."z").contains(scalar) {
                cleaned.append(scalar)
            }
        }
        let isSound = cleaned.contains {
            $0.properties.generalCategory == .lowercaseLetter || $0.properties.generalCategory == .otherLetter
        }
        self = isSound ? .sound(String(cleaned)) : .nothing
    }

    /// Text without marks of stress.
    static func plain(_ text: String) -> String {
        var scalars = text.unicodeScalars
        scalars.removeAll { $0 == "ˈ" || $0 == "ˌ" || $0.value == 0 }
        return String(scalars)
    }

    /// Letters of its own alphabet that it leaves where a language does not say how to write a sound: `dZ`, `tS`.
    private static let leftovers: [Unicode.Scalar: Unicode.Scalar] = [
        "A": "ɑ", "E": "ɛ", "I": "ɪ", "N": "ŋ", "O": "ɔ", "S": "ʃ", "U": "ʊ", "V": "ʌ", "Z": "ʒ", "T": "θ",
        "D": "ð",
        "@": "ə",
    ]
}
