/// The sentences of the demonstration: a small language, large enough that held-out sentences were never heard.
///
/// A subject, a verb, an object and mostly an ending: 400 different sentences of 24 words.
struct SpokenSentences: Sendable {
    private static let subjects = ["the dragon", "a knight", "the queen", "a robot"]
    private static let verbs = ["opens", "guards", "finds", "paints"]
    private static let objects = [
        "the silver door", "the golden key", "a red castle", "two small boats", "the ancient map",
    ]
    private static let endings = ["", "tonight", "in the forest", "before dawn", "near the river"]

    /// All sentences there are, in an order that follows from the seed.
    let all: [String]

    /// - Parameter seed: what the order follows from.
    init(seed: UInt64) {
        var sentences: [String] = []
        for subject in Self.subjects {
            for verb in Self.verbs {
                for object in Self.objects {
                    for ending in Self.endings {
                        sentences.append(
                            [subject, verb, object, ending].filter { !$0.isEmpty }.joined(separator: " ")
                        )
                    }
                }
            }
        }
        var random = SeededNumbers(seed: seed)
        for index in sentences.indices.dropFirst().reversed() {
            sentences.swapAt(index, random.below(index + 1))
        }
        all = sentences
    }
}
