import CTensorKernels
import Synchronization

/// The chance of a training run: a seed and how much of it was used, so that a run can be taken up exactly.
///
/// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011 (Philox4x32-10).
public final class RandomStream: Sendable {
    /// What everything follows from.
    public let seed: UInt64
    private let next: Mutex<UInt64>

    /// - Parameters:
    ///   - seed: what everything follows from.
    ///   - position: how much was used already.
    public init(seed: UInt64, position: UInt64 = 0) {
        self.seed = seed
        next = Mutex(position)
    }

    /// How much was used; a stream begun with it goes on where this one is.
    public var position: UInt64 { next.withLock { $0 } }

    /// A key that no other call gets; nil where nothing is to be taken.
    ///
    /// - Parameter probability: how likely an element is taken.
    /// - Returns: a key.
    public func dropoutKey(_ probability: Float) -> DropoutKey? {
        guard probability > 0 else { return nil }
        return DropoutKey(probability: probability, seed: seed, stream: take())
    }

    /// Sixty-four bits.
    ///
    /// - Returns: bits that no other call gets.
    public func bits() -> UInt64 {
        var numbers = numbers()
        return numbers.next()
    }

    /// A generator that no other call gets: for shuffling, cropping, masking.
    ///
    /// - Returns: a generator at its beginning.
    public func numbers() -> RandomNumbers {
        RandomNumbers(seed: seed, stream: take() ^ Self.numbersMark)
    }

    /// A tensor of random numbers that no other call gets.
    ///
    /// - Parameters:
    ///   - shape: the dimensions.
    ///   - distribution: how they are drawn.
    ///   - backend: where they are to lie.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func tensor(
        _ shape: Shape,
        _ distribution: Initialization,
        on backend: any Backend = CPUBackend.shared
    ) throws(TensorError) -> Tensor {
        var numbers = numbers()
        return try Tensor(distribution.values(shape, using: &numbers), shape, on: backend)
    }

    private func take() -> UInt64 {
        next.withLock { next in
            defer { next &+= 1 }
            return next
        }
    }

    /// Where numbers are drawn: far from the streams of dropouts.
    private static let numbersMark: UInt64 = 0x5eed << 48

    /// The words of sixteen counters: word `w` of counter `(16·group + l, stream)` is number `16·w + l`.
    static func philox(group: UInt64, stream: UInt64, seed: UInt64) -> [UInt32] {
        var words = [UInt32](repeating: 0, count: Int(TK_RANDOM_GROUP))
        unsafe tk_philox(group, stream, seed, &words)
        return words
    }
}
