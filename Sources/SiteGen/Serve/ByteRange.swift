/// Which bytes of a representation a `Range` header asks for.
///
/// Source: RFC 9110 §14.
enum ByteRange: Sendable, Equatable {
    /// All of it, with 200: there is no usable range.
    case whole
    /// These bytes, with 206. Never empty, never beyond the end.
    case part(Range<Int>)
    /// None of the ranges overlaps the representation: 416.
    case unsatisfiable

    /// Ranges beyond this number are taken for an attack and ignored, as §14.2 permits.
    private static let maximumCount = 64

    /// Reads a `Range` header.
    ///
    /// A header that is malformed or of another unit is ignored (§14.2). Several ranges are sorted and those
    /// that overlap or touch are joined (§15.3.7.2); where one is left it is sent as 206. Ranges that stay
    /// apart are answered with the whole representation, as §14.2 permits: what asks for them (a few PDF
    /// readers) gains nothing from a `multipart/byteranges` of a dashboard's files.
    ///
    /// - Parameters:
    ///   - header: the field's value.
    ///   - size: the representation's length in bytes.
    init(header: String, size: Int) {
        let bytes = Array(header.utf8)
        guard let equals = bytes.firstIndex(of: 0x3D),  // =
            bytes[..<equals].map({ $0 | 0x20 }) == Array("bytes".utf8)
        else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        var count = 0
        for element in bytes[(equals + 1)...].split(separator: 0x2C) {  // ,
            let specification = Self.trimmed(element)
            if specification.isEmpty { continue }  // §5.6.1.2: empty list elements are ignored
            count += 1
            guard count <= Self.maximumCount, let range = Self.range(specification, size: size) else {
                self = .whole
                return
            }
            if !range.isEmpty { ranges.append(range) }
        }
        guard count > 0 else {
            self = .whole
            return
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        guard var joined = ranges.first else {
            self = .unsatisfiable
            return
        }
        for range in ranges.dropFirst() {
            guard range.lowerBound <= joined.upperBound else {
                self = .whole
                return
            }
            joined = joined.lowerBound..<max(joined.upperBound, range.upperBound)
        }
        self = .part(joined)
    }

    /// One range of the list, clamped to the representation; empty where it lies outside, nil where it is
    /// malformed (§14.1.2).
    private static func range(_ text: ArraySlice<UInt8>, size: Int) -> Range<Int>? {
        guard let dash = text.firstIndex(of: 0x2D) else { return nil }
        let (first, last) = (text[..<dash], text[(dash + 1)...])
        if first.isEmpty {  // -n: the last n bytes
            guard let length = number(last) else { return nil }
            return max(0, size - length)..<size
        }
        guard let start = number(first) else { return nil }
        if last.isEmpty { return min(start, size)..<size }  // n-: from n to the end
        guard let end = number(last), start <= end else { return nil }
        return min(start, size)..<min(end == .max ? end : end + 1, size)
    }

    /// A decimal number; one too large to count is as good as the largest.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            guard 0x30...0x39 ~= digit else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowedAgain) = product.addingReportingOverflow(Int(digit - 0x30))
            value = overflowed || overflowedAgain ? .max : sum
            if value == .max {
                return digits.allSatisfy { 0x30...0x39 ~= $0 } ? .max : nil
            }
        }
        return value
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
