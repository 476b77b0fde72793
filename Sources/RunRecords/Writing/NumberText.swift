/// Writes numbers as JSON text, straight into bytes.
///
/// The text is the shortest that reads back as the same `Double`, and among those the closest; it equals
/// Swift's own `description` without a trailing `.0`, which a test compares over random bit patterns.
/// It is a function of the value alone: no locale, no `String` in between. Series twins hold hundreds of
/// thousands of numbers, and `description` would allocate for most of them.
package enum NumberText {
    /// Appends an integer.
    package static func append(_ value: Int, to bytes: inout [UInt8]) {
        appendDigits(
            DecimalNumber(isNegative: value < 0, digits: UInt64(value.magnitude), exponent: 0),
            to: &bytes
        )
    }

    /// Appends the shortest text that reads back as `value`; `NaN`, `Infinity` or `-Infinity` if not finite.
    package static func append(_ value: Double, to bytes: inout [UInt8]) {
        if let decimal = DecimalNumber(shortest: value) {
            appendDigits(decimal, to: &bytes)
        } else {
            appendDescription(of: value, to: &bytes)
        }
    }

    /// Appends `value` rounded to so many significant digits, never cutting off whole numbers.
    ///
    /// For derived values, whose further digits say nothing: they would triple the size of the text.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - significantDigits: 1…15.
    ///   - bytes: Receives the text.
    package static func append(_ value: Double, significantDigits: Int, to bytes: inout [UInt8]) {
        if let decimal = DecimalNumber(rounding: value, significantDigits: significantDigits) {
            appendDigits(decimal, to: &bytes)
        } else {
            append(value, to: &bytes)
        }
    }

    /// The rare rest: not finite, 2⁵³ and above, or full precision far below one.
    private static func appendDescription(of value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else {
            bytes.append(
                contentsOf: value.isNaN ? "NaN".utf8 : value < 0 ? "-Infinity".utf8 : "Infinity".utf8
            )
            return
        }
        let text = value.description.utf8
        bytes.append(contentsOf: text)
        if text.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
    }

    /// Lays out digits the way Swift does: exponents below 10⁻⁴, plain decimals otherwise.
    private static func appendDigits(_ number: DecimalNumber, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { buffer in
            var text = ReversedText(buffer)
            text.prepend(number)
            bytes.append(contentsOf: text.written)
        }
    }
}

/// Text filled in from its end, so that digits come out of repeated division in the right order.
private struct ReversedText {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var start: Int

    /// Starts at the end of a buffer that is long enough for a number.
    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
        start = buffer.count
    }

    /// What has been written so far.
    var written: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[start...]) }

    mutating func prepend(_ number: DecimalNumber) {
        var digits = number.digits
        if number.isBelowTenThousandth {
            let count = number.digitCount
            prependExponent(count - 1 + number.exponent)
            prependDigits(&digits, count: count - 1)
            if count > 1 { prepend(UInt8(ascii: ".")) }
            prependDigit(&digits)
        } else {
            if number.exponent < 0 {
                prependDigits(&digits, count: -number.exponent)
                prepend(UInt8(ascii: "."))
            }
            repeat { prependDigit(&digits) } while digits > 0
        }
        if number.isNegative { prepend(UInt8(ascii: "-")) }
    }

    /// `e-05`: at least two digits, as Swift and Python write it.
    private mutating func prependExponent(_ exponent: Int) {
        var rest = UInt64(exponent.magnitude)
        prependDigits(&rest, count: 2)
        while rest > 0 { prependDigit(&rest) }
        prepend(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        prepend(UInt8(ascii: "e"))
    }

    /// Two digits a division, which is most of the cost.
    private mutating func prependDigits(_ digits: inout UInt64, count: Int) {
        var rest = count
        while rest >= 2 {
            let quotient = digits / 100
            let pair = UInt32(truncatingIfNeeded: digits &- quotient &* 100)
            // pair / 10 for 0…99.
            let tens = (pair &* 103) >> 10
            prepend(UInt8(truncatingIfNeeded: pair &- tens &* 10) | UInt8(ascii: "0"))
            prepend(UInt8(truncatingIfNeeded: tens) | UInt8(ascii: "0"))
            digits = quotient
            rest &-= 2
        }
        if rest > 0 { prependDigit(&digits) }
    }

    private mutating func prependDigit(_ digits: inout UInt64) {
        let quotient = digits / 10
        prepend(UInt8(truncatingIfNeeded: digits &- quotient &* 10) | UInt8(ascii: "0"))
        digits = quotient
    }

    private mutating func prepend(_ byte: UInt8) {
        start &-= 1
        buffer[start] = byte
    }
}
