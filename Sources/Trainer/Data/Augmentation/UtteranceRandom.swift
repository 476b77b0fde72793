import Files
import TensorCore

/// Chance that belongs to one utterance in one epoch, so that neither threads nor batches change a result.
enum UtteranceRandom {
    /// What the numbers are for; no two purposes share a sequence.
    enum Purpose: String {
        case order, speed, mask
    }

    /// A sequence that follows from its arguments alone.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - epoch: from 0.
    ///   - id: the utterance's; empty for what concerns all of them.
    ///   - purpose: what the numbers are for.
    /// - Returns: a generator at its start.
    static func numbers(seed: UInt64, epoch: Int, id: String, _ purpose: Purpose) -> RandomNumbers {
        let place = ContentHash(Array("\(purpose.rawValue) \(epoch) \(id)".utf8))
        // Sixteen hexadecimal digits always fit.
        let position = UInt64(place.hex.prefix(16), radix: 16) ?? 0
        return RandomStream(seed: seed, position: position).numbers()
    }
}

extension RandomNumbers {
    /// A whole number from 0 to below `bound`.
    ///
    /// Not `Int.random`, whose use of the bits a later standard library may change: runs are to be repeatable.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", 2019; its bias of `bound` in 2⁶⁴ stays.
    ///
    /// - Parameter bound: at least 1.
    /// - Returns: the number.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
    }

    /// Puts values in a random order.
    ///
    /// Source: Fisher and Yates; Knuth, "The Art of Computer Programming", volume 2, algorithm P.
    ///
    /// - Parameter values: any array.
    mutating func shuffle<Value>(_ values: inout [Value]) {
        for index in stride(from: values.count - 1, to: 0, by: -1) {
            values.swapAt(index, below(index + 1))
        }
    }
}
