import Foundation

/// A small generator whose whole sequence follows from its seed: SplitMix64.
///
/// Property tests print the seed with every expectation, so a failure can be repeated:
///
///     var random = SeededRandom.fresh()
///     #expect(roundTrips(value), "\(random)")
///
/// and then `VOXSITE_TEST_SEED=123 swift test --filter …`.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
public struct SeededRandom: RandomNumberGenerator, Sendable, CustomStringConvertible {
    /// What the sequence follows from.
    public let seed: UInt64
    private var state: UInt64

    /// Starts the sequence of `seed`.
    ///
    /// - Parameter seed: any number.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The seed in `VOXSITE_TEST_SEED` where it is set; a new one otherwise.
    ///
    /// - Returns: a generator at its start.
    public static func fresh() -> SeededRandom {
        let given = ProcessInfo.processInfo.environment["VOXSITE_TEST_SEED"].flatMap { UInt64($0) }
        return SeededRandom(seed: given ?? UInt64.random(in: 0...(.max)))
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// How to get the same sequence again.
    public var description: String { "repeat with VOXSITE_TEST_SEED=\(seed)" }

    /// Random bytes.
    ///
    /// - Parameter count: how many.
    /// - Returns: an array of `count` bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word = next()
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return bytes
    }

    /// A random string of pieces that are hard on parsers.
    ///
    /// - Parameters:
    ///   - count: the number of pieces, drawn uniformly.
    ///   - pieces: what it is made of; must not be empty.
    /// - Returns: the pieces joined.
    public mutating func text(_ count: ClosedRange<Int>, of pieces: [String]) -> String {
        var text = ""
        for _ in 0..<Int.random(in: count, using: &self) { text += pieces.randomElement(using: &self) ?? "" }
        return text
    }
}
