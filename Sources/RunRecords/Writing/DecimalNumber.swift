/// A decimal number: ± `digits` × 10^`exponent`, with `exponent` never above zero.
struct DecimalNumber {
    let isNegative: Bool
    let digits: UInt64
    let exponent: Int

    /// How many decimal digits `digits` has; 1 for zero.
    var digitCount: Int {
        var count = 1
        while count < 20, digits >= PowersOfTen.integers[count] { count += 1 }
        return count
    }

    /// Whether the number is so small that it is written with an exponent: below 10⁻⁴.
    var isBelowTenThousandth: Bool {
        exponent < -4 && (exponent < -23 || digits < PowersOfTen.integers[-exponent - 4])
    }
}

extension DecimalNumber {
    /// The shortest decimal that reads back as `value`, and of those the closest to it.
    ///
    /// Nil where this short way does not reach: not finite, 2⁵³ and above, below 10⁻⁸, or more than 15
    /// digits below 10⁻⁵. Three cases by cost, each exact:
    /// 1. integers;
    /// 2. at most 15 digits, which is what people and most trainers log: two such decimals are never the
    ///    same double (DBL_DIG, C11 5.2.4.2.2), so one that reads back is the only one and the shortest;
    /// 3. 16 or 17 digits, by 128-bit integers as in Steele and White, "How to print floating-point numbers
    ///    accurately", PLDI 1990: the nearest 16-digit decimal if it lies within half a gap of `value`.
    init?(shortest value: Double) {
        let isNegative = value.sign == .minus
        let magnitude = value.magnitude
        guard magnitude < 0x1p53 else { return nil }
        let whole = magnitude.rounded(.towardZero)
        if whole == magnitude {
            self.init(isNegative: isNegative, digits: UInt64(whole), exponent: 0)
            return
        }
        guard magnitude >= 1e-8 else { return nil }
        if let short = Self.fifteenDigits(of: magnitude) {
            self.init(isNegative: isNegative, digits: short.digits, exponent: short.exponent)
        } else if let long = Self.seventeenDigits(of: magnitude) {
            self.init(isNegative: isNegative, digits: long.digits, exponent: long.exponent)
        } else {
            return nil
        }
    }

    /// `value` rounded to so many digits, and to an integer where that would cut off whole digits.
    ///
    /// Nil where the short way does not reach; see `init(shortest:)`.
    init?(rounding value: Double, significantDigits: Int) {
        let magnitude = value.magnitude
        guard magnitude == 0 || magnitude >= 1e-8, magnitude < 1e15 else { return nil }
        guard magnitude > 0 else {
            self.init(isNegative: value.sign == .minus, digits: 0, exponent: 0)
            return
        }
        let places = min(22, max(0, significantDigits - 1 - Self.powerOfTen(of: magnitude)))
        let scaled = UInt64(magnitude * PowersOfTen.doubles[places] + 0.5)
        let stripped = Self.strippingZeros(scaled, exponent: -places)
        self.init(
            isNegative: value.sign == .minus,
            digits: stripped.digits,
            exponent: stripped.exponent
        )
    }

    /// The decimal of at most 15 digits that reads back as `value`, if there is one.
    private static func fifteenDigits(of value: Double) -> (digits: UInt64, exponent: Int)? {
        let places = 14 - powerOfTen(of: value)
        guard places >= 0, places <= 22 else { return nil }
        // 10^22 is the largest power of ten that is a double; the quotient of two exact numbers is rounded
        // correctly, so equality proves that this decimal reads back.
        let power = PowersOfTen.doubles[places]
        let scaled = UInt64(value * power + 0.5)
        guard scaled < 1_000_000_000_000_000, Double(scaled) / power == value else { return nil }
        return strippingZeros(scaled, exponent: -places)
    }

    /// The 16- or 17-digit decimal for a value that has no shorter one.
    private static func seventeenDigits(of value: Double) -> (digits: UInt64, exponent: Int)? {
        // 10^21 × 2^55 fits in 128 bits; a power of two has a narrower gap below and never gets here.
        guard value >= 1e-5, value.significandBitPattern != 0 else { return nil }
        let significand = (1 << 52) | value.significandBitPattern
        let shift = 54 - Int(value.exponent)
        let places = 16 - powerOfTen(of: value)
        guard places >= 1, shift >= 1, shift <= 71 else { return nil }

        let power16 = PowersOfTen.wide(places - 1)
        let exact16 = (UInt128(significand) << 2) * power16
        let candidate = roundedShift(exact16, by: shift)
        let half = power16 << 1
        let position = candidate << shift
        let isEven = significand & 1 == 0
        let distance = position > exact16 ? position - exact16 : exact16 - position
        if isEven ? distance <= half : distance < half {
            return strippingZeros(UInt64(candidate), exponent: 1 - places)
        }
        let exact17 = exact16 * 10
        return (UInt64(roundedShift(exact17, by: shift)), -places)
    }

    /// `value` / 2^`shift`, rounded half to even.
    private static func roundedShift(_ value: UInt128, by shift: Int) -> UInt128 {
        let quotient = value >> shift
        let remainder = value - (quotient << shift)
        let half = UInt128(1) << (shift - 1)
        let roundsUp = remainder > half || (remainder == half && quotient & 1 == 1)
        return roundsUp ? quotient + 1 : quotient
    }

    /// The power of ten of the first digit of `value`, 10⁻⁸ ≤ `value` < 2⁵³.
    private static func powerOfTen(of value: Double) -> Int {
        // 1233 / 4096 is just below log10(2), so this is the answer or one less.
        let estimate = (Int(value.exponent) * 1_233) >> 12
        return value >= PowersOfTen.double(estimate + 1) ? estimate + 1 : estimate
    }

    private static func strippingZeros(_ digits: UInt64, exponent: Int) -> (digits: UInt64, exponent: Int) {
        var (digits, exponent) = (digits, exponent)
        guard digits > 0 else { return (0, 0) }
        var count = 8
        while count > 0 {
            let power = PowersOfTen.integers[count]
            while exponent + count <= 0, digits % power == 0 {
                digits /= power
                exponent += count
            }
            count /= 2
        }
        return (digits, exponent)
    }
}

/// Powers of ten that are exact in their type.
private enum PowersOfTen {
    // Written out, so that the compiler lays them down as data and no access has to check for a first time.
    /// 10^0 … 10^19.
    static let integers: InlineArray<20, UInt64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
        10_000_000_000_000_000_000,
    ]

    /// 10^0 … 10^38.
    static func wide(_ exponent: Int) -> UInt128 {
        exponent < 20
            ? UInt128(integers[exponent])
            : UInt128(integers[19]) * UInt128(integers[exponent - 19])
    }

    /// 10^0 … 10^22.
    static let doubles: InlineArray<23, Double> = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
        1e19, 1e20, 1e21, 1e22,
    ]
    /// 10^-9 … 10^-1, each the double nearest to it.
    static let fractions: InlineArray<9, Double> = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]

    static func double(_ exponent: Int) -> Double {
        exponent < 0 ? fractions[exponent + 9] : doubles[exponent]
    }
}
