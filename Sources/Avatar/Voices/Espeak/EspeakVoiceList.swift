/// The voices of the installed espeak-ng: languages, and variants that change how any of them sounds.
struct EspeakVoiceList: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        /// What espeak-ng calls it: `en-us`, `f3`.
        var key: String
        /// For people: `English (America)`, `female 3`.
        var name: String
        var gender: String?
    }

    private(set) var languages: [Entry] = []
    private(set) var variants: [Entry] = []
    /// Who speaks a language best, for the languages that are nobody's first: `fr` is `fr-fr`.
    private var speakers: [String: (key: String, priority: Int)] = [:]

    static func == (one: EspeakVoiceList, other: EspeakVoiceList) -> Bool {
        one.languages == other.languages && one.variants == other.variants
    }

    /// The voices that open the list, and the variants that are listed for them.
    private static let favourites = ["en-us", "en-gb"]
    private static let favouriteVariants = [
        "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8",
    ]
    /// Every other language is listed as it is, which sounds male, and with this.
    private static let femaleVariant = "f3"

    /// Reads what the helper prints for `--voices`; lines that are not understood are left out.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5, Self.isPlain(fields[1]) else { continue }
            let gender = ["male", "female"].contains(fields[3]) ? fields[3] : nil
            let entry = Entry(key: fields[1], name: Self.readable(fields[2]), gender: gender)
            switch fields[0] {
            case "voice" where !languages.contains { $0.key == entry.key }:
                languages.append(entry)
                addSpeaker(entry.key, of: fields[4])
            case "variant" where !variants.contains { $0.key == entry.key }: variants.append(entry)
            default: break
            }
        }
        let rank = { (entry: Entry) in Self.favourites.firstIndex(of: entry.key) ?? Self.favourites.count }
        languages.sort { (rank($0), $0.name, $0.key) < (rank($1), $1.name, $1.key) }
    }

    private mutating func addSpeaker(_ key: String, of languages: String) {
        for field in languages.split(separator: " ") {
            let parts = field.split(separator: "=")
            guard parts.count == 2, let priority = Int(parts[1]) else { continue }
            let language = parts[0].lowercased()
            if let best = speakers[language], best.priority <= priority { continue }
            speakers[language] = (key, priority)
        }
    }

    /// The voice for a language.
    ///
    /// - Parameter language: as in BCP 47: `en-us`, `fr`.
    /// - Returns: nil where nobody speaks it.
    func speaker(of language: String) -> VoiceDescription? {
        let language = language.lowercased()
        if let own = description(of: language) { return own }
        return speakers[language].flatMap { description(of: $0.key) }
    }

    /// The voices to choose from, best first: not every variant of every language, which would be ten thousand.
    var listed: [VoiceDescription] {
        languages.flatMap { language in
            let isFavourite = Self.favourites.contains(language.key)
            let wanted = isFavourite ? Self.favouriteVariants : [Self.femaleVariant]
            let chosen = wanted.compactMap { key in variants.first { $0.key == key } }
            return [description(language, nil)] + chosen.map { description(language, $0) }
        }
    }

    /// A language, or a language, `+` and a variant; nil where either is not installed.
    func description(of name: String) -> VoiceDescription? {
        let parts = name.split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count <= 2, let key = parts.first,
            let language = languages.first(where: { $0.key == key })
                ?? languages.first(where: { $0.key == speakers[key.lowercased()]?.key })
        else { return nil }
        guard parts.count == 2 else { return description(language, nil) }
        return variants.first { $0.key == parts[1] }.map { description(language, $0) }
    }

    private func description(_ language: Entry, _ variant: Entry?) -> VoiceDescription {
        let key = variant.map { "\(language.key)+\($0.key)" } ?? language.key
        return VoiceDescription(
            id: "\(EspeakProvider.prefix):\(key)",
            name: variant.map { "\(language.name), \($0.name)" } ?? language.name,
            language: language.key.lowercased(),
            gender: variant?.gender ?? language.gender,
            provider: EspeakProvider.prefix
        )
    }

    /// Only such names reach the helper's arguments.
    private static func isPlain(_ key: String) -> Bool {
        (1..<40).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch UnicodeScalar(byte) {
                case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }

    /// `English_(America)` as `English (America)`, `female3` as `female 3`.
    private static func readable(_ name: String) -> String {
        let words = VisibleText.line(name, limit: 80).split(whereSeparator: { $0 == "_" || $0 == " " })
            .joined(separator: " ")
        let digits = words.reversed().prefix { $0.isNumber }.count
        let letters = words.dropLast(digits)
        guard digits > 0, letters.last?.isLetter == true else { return words }
        return "\(letters) \(words.suffix(digits))"
    }
}
