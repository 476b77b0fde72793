import Glibc

/// Decimal text to the nearest double, correctly rounded, without leaving the buffer.
///
/// Trainers write 16 or 17 digits of everything, so the usual shortcut (Clinger's exact powers of ten) seldom
/// applies and `strtod` would take most of the time a log needs.
/// Source: D. Lemire, "Number Parsing at a Gigabyte per Second", 2021; the fallback-free form of N. Mushtak
/// and D. Lemire, "Fast Number Parsing Without Fallback", Software: Practice and Experience 53(7), 2023.
struct FloatParser: Sendable {
    private static let tables = PowerTables()
    private let tables: PowerTables

    init() { tables = Self.tables }

    /// A number at `cursor`, which ends at the first byte that does not belong to it.
    ///
    /// The text must be followed by a byte that is not part of a number, with at least eight readable bytes
    /// after `cursor`. Returns nil, `cursor` unmoved, where no number stands.
    @inline(__always)
    func parse(at cursor: inout UnsafePointer<UInt8>) -> Double? {
        var position = cursor
        let isNegative = position.pointee == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits: UInt64 = 0
        let integerStart = position
        while case let digit = position.pointee &- 0x30, digit < 10 {
            digits = digits &* 10 &+ UInt64(digit)
            position += 1
        }
        var digitCount = position - integerStart
        guard digitCount > 0 else { return nil }
        var exponent = 0
        if position.pointee == UInt8(ascii: ".") {
            position += 1
            let fractionStart = position
            while let eight = Self.eightDigits(at: position) {
                digits = digits &* 100_000_000 &+ eight
                position += 8
            }
            while case let digit = position.pointee &- 0x30, digit < 10 {
                digits = digits &* 10 &+ UInt64(digit)
                position += 1
            }
            exponent = fractionStart - position
            guard exponent < 0 else { return nil }
            digitCount -= exponent
        }
        if position.pointee | 0x20 == UInt8(ascii: "e") {
            guard let written = Self.exponent(at: &position) else { return nil }
            exponent += written
        }
        if digitCount > 19 {
            // Leading zeros do not count, and more than 19 digits do not fit 64 bits.
            guard Self.significantDigits(integerStart, position) <= 19 else {
                let value = strtod(UnsafeRawPointer(cursor).assumingMemoryBound(to: CChar.self), nil)
                cursor = position
                return value
            }
        }
        cursor = position
        let magnitude = compose(digits, exponent)
        return isNegative ? -magnitude : magnitude
    }

    /// digits × 10^exponent, rounded to nearest, ties to even.
    @inline(__always)
    private func compose(_ digits: UInt64, _ exponent: Int) -> Double {
        if digits < 1 << 53, exponent <= 0, exponent >= -22 {
            // Both are exact doubles, so one correctly rounded division is the answer (Clinger 1990).
            return exponent == 0 ? Double(digits) : Double(digits) / tables.tens[-exponent]
        }
        return composeWide(digits, exponent)
    }

    private func composeWide(_ digits: UInt64, _ exponent: Int) -> Double {
        if digits == 0 || exponent < PowerTables.smallestExponent { return 0 }
        if exponent > PowerTables.largestExponent { return .infinity }
        let shift = digits.leadingZeroBitCount
        let normalised = digits << UInt64(shift)
        let entry = 2 * (exponent - PowerTables.smallestExponent)
        var (high, low) = normalised.multipliedFullWidth(by: tables.fives[entry])
        if high & 0x1FF == 0x1FF {
            let second = normalised.multipliedFullWidth(by: tables.fives[entry + 1])
            let (sum, overflow) = low.addingReportingOverflow(second.high)
            low = sum
            if overflow { high &+= 1 }
        }
        let upperBit = Int(high >> 63)
        var mantissa = high >> UInt64(upperBit + 9)
        var binaryExponent = ((217_706 * exponent) >> 16) + 63 + upperBit - shift + 1023
        if binaryExponent <= 0 {
            guard binaryExponent > -63 else { return 0 }
            mantissa >>= UInt64(1 - binaryExponent)
            mantissa = (mantissa + (mantissa & 1)) >> 1
            return Double(bitPattern: mantissa)
        }
        if low <= 1, exponent >= -4, exponent <= 23, mantissa & 3 == 1,
            mantissa << UInt64(upperBit + 9) == high
        {
            // Exactly half-way: to even.
            mantissa &= ~1
        }
        mantissa = (mantissa + (mantissa & 1)) >> 1
        if mantissa >= 1 << 53 {
            mantissa = 1 << 52
            binaryExponent += 1
        }
        guard binaryExponent < 0x7FF else { return .infinity }
        return Double(bitPattern: mantissa & ~(1 << 52) | UInt64(binaryExponent) << 52)
    }

    /// Eight ASCII digits as a number, in three multiplications; nil where one of them is not a digit.
    @inline(__always)
    private static func eightDigits(at position: UnsafePointer<UInt8>) -> UInt64? {
        let word = UInt64(littleEndian: UnsafeRawPointer(position).loadUnaligned(as: UInt64.self))
        let high = word & 0xF0F0_F0F0_F0F0_F0F0
        let carried = (word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0
        guard high | carried >> 4 == 0x3333_3333_3333_3333 else { return nil }
        let pairs = { ($0 &* 10) &+ ($0 >> 8) }(word &- 0x3030_3030_3030_3030)
        let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let upper = (pairs >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (low &+ upper) >> 32
    }

    /// An exponent with its `e` and sign; huge ones saturate.
    private static func exponent(at position: inout UnsafePointer<UInt8>) -> Int? {
        position += 1
        let isNegative = position.pointee == UInt8(ascii: "-")
        if isNegative || position.pointee == UInt8(ascii: "+") { position += 1 }
        let start = position
        var value = 0
        while case let digit = position.pointee &- 0x30, digit < 10 {
            if value < 100_000 { value = value * 10 + Int(digit) }
            position += 1
        }
        guard position > start else { return nil }
        return isNegative ? -value : value
    }

    private static func significantDigits(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
        var count = 0
        var position = start
        while position < end, position.pointee | 0x20 != UInt8(ascii: "e") {
            let byte = position.pointee
            if byte != UInt8(ascii: "."), count > 0 || byte != UInt8(ascii: "0") { count += 1 }
            position += 1
        }
        return count
    }
}

extension FloatParser {
    /// The number a whole text spells, surrounding spaces aside: decimal, `NaN`, `Infinity`, `inf`, signed.
    static func parse(_ text: [UInt8]) -> Double? {
        var bytes = text[...]
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        if let special = special(bytes) { return special }
        // One byte that ends a number, then room for the eight-byte look-ahead.
        let padded = bytes + [0, 0, 0, 0, 0, 0, 0, 0, 0]
        let length = bytes.count
        return padded.withUnsafeBufferPointer { buffer -> Double? in
            guard let base = buffer.baseAddress else { return nil }
            var cursor = base
            if base.pointee == UInt8(ascii: "+") { cursor += 1 }
            guard let value = FloatParser().parse(at: &cursor), cursor - base == length else { return nil }
            return value
        }
    }

    /// `NaN`, `Infinity` and their relatives, in any case.
    static func special(_ bytes: ArraySlice<UInt8>) -> Double? {
        var name = bytes
        var sign = 1.0
        if let first = name.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? -1 : 1
            name.removeFirst()
        }
        guard let first = name.first, (0x41...0x7A).contains(first), name.count <= 8 else { return nil }
        switch String(decoding: name.map { $0 | 0x20 }, as: UTF8.self) {
        case "nan": return .nan
        case "inf", "infinity": return sign * .infinity
        default: return nil
        }
    }
}
