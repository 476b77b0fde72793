/// Which elements a dropout takes: the same key takes the same ones, in every order and on every device.
public struct DropoutKey: Sendable, Hashable {
    /// How likely an element is taken.
    public var probability: Float
    /// The run's seed.
    public var seed: UInt64
    /// The place in the run: no two dropouts share one.
    public var stream: UInt64

    /// - Parameters:
    ///   - probability: how likely an element is taken, from 0 to 1.
    ///   - seed: the run's seed.
    ///   - stream: the place in the run.
    public init(probability: Float, seed: UInt64, stream: UInt64) {
        self.probability = min(1, max(0, probability))
        self.seed = seed
        self.stream = stream
    }
}
