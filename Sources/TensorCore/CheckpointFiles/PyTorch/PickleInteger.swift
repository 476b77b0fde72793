/// Python's integers of any length.
enum PickleInteger {
    /// The number of two's complement bytes, least significant first; no bytes are 0.
    static func node(_ bytes: [UInt8]) -> PickleNode {
        let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
        if bytes.count <= 8 {
            var value: UInt64 = isNegative ? .max : 0
            for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
            return .integer(Int(truncatingIfNeeded: value))
        }
        let isExtended = bytes[8...].allSatisfy { $0 == (isNegative ? 0xFF : 0) }
        if isExtended, (bytes[7] & 0x80 != 0) == isNegative { return node(Array(bytes[..<8])) }
        return .bigInteger((isNegative ? "-" : "") + decimal(magnitude(bytes, isNegative: isNegative)))
    }

    private static func magnitude(_ bytes: [UInt8], isNegative: Bool) -> [UInt8] {
        guard isNegative else { return bytes }
        var carry: UInt16 = 1
        return bytes.map { byte in
            let sum = UInt16(~byte) + carry
            carry = sum >> 8
            return UInt8(truncatingIfNeeded: sum)
        }
    }

    /// Long division by 10^9, which is fast enough for the few hundred bytes that are allowed.
    private static func decimal(_ bytes: [UInt8]) -> String {
        var digits = bytes
        var groups: [String] = []
        while digits.contains(where: { $0 != 0 }) {
            var remainder: UInt64 = 0
            for index in digits.indices.reversed() {
                let part = remainder << 8 | UInt64(digits[index])
                digits[index] = UInt8(truncatingIfNeeded: part / 1_000_000_000)
                remainder = part % 1_000_000_000
            }
            groups.append(String(remainder))
        }
        guard let first = groups.last else { return "0" }
        let rest = groups.dropLast().reversed().map { String(repeating: "0", count: 9 - $0.utf8.count) + $0 }
        return first + rest.joined()
    }
}
