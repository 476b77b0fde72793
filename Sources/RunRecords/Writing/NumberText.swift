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
            // Filled from the end, so that digits come out of repeated division in order.
            var start = buffer.count
            func prepend(_ byte: UInt8) {
                start -= 1
                buffer[start] = byte
            }
            func prependDigit(_ digits: inout UInt64) {
                let quotient = digits / 10
                prepend(UInt8(truncatingIfNeeded: digits &- quotient &* 10) + UInt8(ascii: "0"))
                digits = quotient
            }

            var digits = number.digits
            let count = number.digitCount
            // The power of ten of the first digit.
            let magnitude = count - 1 + number.exponent
            if number.exponent < 0, magnitude < -4 {
                prependExponent(magnitude, prepend: prepend)
                for _ in 1..<max(1, count) { prependDigit(&digits) }
                if count > 1 { prepend(UInt8(ascii: ".")) }
                prependDigit(&digits)
            } else {
                var fractionDigits = -number.exponent
                while fractionDigits > 0 {
                    prependDigit(&digits)
                    fractionDigits -= 1
                    if fractionDigits == 0 { prepend(UInt8(ascii: ".")) }
                }
                repeat { prependDigit(&digits) } while digits > 0
            }
            if number.isNegative { prepend(UInt8(ascii: "-")) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// `e-05`: at least two digits, as Swift and Python write it.
    private static func prependExponent(_ exponent: Int, prepend: (UInt8) -> Void) {
        var rest = exponent.magnitude
        for position in 0... {
            guard rest > 0 || position < 2 else { break }
            prepend(UInt8(rest % 10) + UInt8(ascii: "0"))
            rest /= 10
        }
        prepend(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        prepend(UInt8(ascii: "e"))
    }
}
