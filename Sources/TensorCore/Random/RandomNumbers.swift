/// Random bits of one place in a run, in order: for whatever draws from a generator.
///
/// Source: Philox4x32-10, as ``RandomStream``.
public struct RandomNumbers: RandomNumberGenerator, Sendable {
    private let seed: UInt64
    private let stream: UInt64
    private var group: UInt64 = 0
    private var words: [UInt32] = []
    private var position = 0

    init(seed: UInt64, stream: UInt64) {
        self.seed = seed
        self.stream = stream
    }

    /// The next 64 bits.
    ///
    /// - Returns: bits that depend on nothing but the place and how many were drawn there.
    public mutating func next() -> UInt64 {
        if position == words.count {
            words = RandomStream.philox(group: group, stream: stream, seed: seed)
            (group, position) = (group &+ 1, 0)
        }
        defer { position += 2 }
        return UInt64(words[position]) << 32 | UInt64(words[position + 1])
    }
}
