/// What the chart code writes with: plain appends to a byte array, which is several times faster than
/// building `String`s and is what ends up in the file anyway.
extension [UInt8] {
    /// Appends text of our own that needs no escaping.
    @inline(__always)
    mutating func write(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends already safe text: numbers, slugs, class names.
    mutating func writeSafe(_ text: String) { append(contentsOf: text.utf8) }

    /// Appends text from outside, safe between tags and in quoted attributes.
    mutating func writeEscaped(_ text: String) { HTMLEscaping.append(text, to: &self) }

    /// Appends an integer in decimal.
    @inline(__always)
    mutating func write(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        if magnitude < 10 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude))
            return
        }
        var divisor: UInt = 10
        while magnitude / divisor >= 10 { divisor *= 10 }
        var rest = magnitude
        while divisor > 0 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Appends a position in per mille as a percentage with at most one decimal: 333 is `33.3%`.
    mutating func writePercentage(perMille: Int) {
        write(perMille / 10)
        if perMille % 10 != 0 {
            append(UInt8(ascii: "."))
            write(perMille % 10)
        }
        append(UInt8(ascii: "%"))
    }
}
