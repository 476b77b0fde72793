import Synchronization

/// Counts transcripts with characters that a tokenizer does not know: a model that learns them writes `<unk>` there.
final class StrangeCharacters: Sendable {
    private let tokenizer: Tokenizer
    private let found = Mutex(Found())

    private struct Found {
        var transcriptCount = 0
        var examples: Set<Character> = []
    }

    private static let exampleCount = 5

    /// - Parameter tokenizer: whose pieces are known.
    init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// How many tokens a normalised text has, `Int.max` where it has none; may be called from any thread.
    func tokenCount(_ text: String) -> Int {
        guard let tokens = try? tokenizer.encode(text) else { return .max }
        if tokens.contains(SpecialToken.unknown.rawValue) { note(text) }
        return tokens.count
    }

    /// What is told people; nil where every character is known.
    var sentence: String? {
        found.withLock { found in
            guard found.transcriptCount > 0 else { return nil }
            let transcripts =
                found.transcriptCount == 1 ? "1 transcript has" : "\(found.transcriptCount) transcripts have"
            let examples = found.examples.sorted().prefix(Self.exampleCount).map { "‘\($0)’" }
            return
                "\(transcripts) characters the tokenizer does not know, such as \(examples.joined(separator: ", ")): "
                + "they are learned as <unk>"
        }
    }

    private func note(_ text: String) {
        let needsExamples = found.withLock { found in
            found.transcriptCount += 1
            return found.examples.count < Self.exampleCount
        }
        guard needsExamples else { return }
        let strange = Set(text).filter { character in
            (try? tokenizer.encode(String(character)))?.contains(SpecialToken.unknown.rawValue) == true
        }
        found.withLock { found in
            for character in strange.sorted() where found.examples.count < Self.exampleCount {
                found.examples.insert(character)
            }
        }
    }
}
