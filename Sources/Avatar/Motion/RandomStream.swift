/// A small generator whose whole sequence follows from its seed: SplitMix64.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct RandomStream: RandomNumberGenerator, Sendable {
    /// What wants random numbers of its own, so that one part's draws never shift another's.
    enum Purpose: UInt64 {
        case blinks = 1
        case gaze = 2
        case head = 3
        case asymmetry = 4
        case smile = 5
        case fixation = 6
    }

    private var state: UInt64

    init(seed: UInt64, purpose: Purpose) {
        state = seed ^ (purpose.rawValue &* 0xd1b5_4a32_d192_ed03)
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Evenly spread over a range.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        let unit = Double(next() >> 11) * 0x1p-53
        return range.lowerBound + (range.upperBound - range.lowerBound) * unit
    }

    /// About normal, mean 0 and deviation 1: twelve uniform numbers, so never beyond 6.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform(0...1) }
        return sum
    }
}
