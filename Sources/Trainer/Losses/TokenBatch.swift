/// The texts of a batch as the decoder reads and is to write them.
///
/// The decoder reads a beginning token and the text, and is to write the text and an end token: what it writes at a
/// place is the token it reads at the next one. Shorter rows are padded.
public struct TokenBatch: Sendable, Hashable {
    /// The text of every row, without bounds and padding.
    public let texts: [[Int32]]
    /// How many tokens the decoder reads of every row: the longest text, and one more.
    public let length: Int
    /// `[B, length]`, row-major: what the decoder reads.
    public let inputs: [Int32]
    /// `[B, length]`, row-major: what it is to write; ``SpecialToken/padding`` does not count.
    public let targets: [Int32]

    /// - Parameter texts: one for each row, without bounds and padding.
    public init(_ texts: [[Int32]]) {
        self.texts = texts
        let length = (texts.map(\.count).max() ?? 0) + 1
        self.length = length
        inputs = texts.flatMap { text in
            [SpecialToken.beginning.id] + text + Self.padding(length - text.count - 1)
        }
        targets = texts.flatMap { text in
            text + [SpecialToken.end.id] + Self.padding(length - text.count - 1)
        }
    }

    /// How many rows there are.
    public var count: Int { texts.count }

    private static func padding(_ count: Int) -> [Int32] {
        [Int32](repeating: SpecialToken.padding.id, count: count)
    }
}
