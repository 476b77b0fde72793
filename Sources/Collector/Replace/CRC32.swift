/// The CRC-32 of zip archives, eight bytes at a time.
///
/// Source: APPNOTE.TXT 4.4.7 for the polynomial; Kounavis and Berry, "A Systematic Approach to Building High
/// Performance Software-Based CRC Generators", 2005, for the eight tables.
struct CRC32: Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    /// Of the bytes so far.
    var value: UInt32 { ~state }

    /// Adds bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state = Self.tables.withUnsafeBufferPointer { tables in
            var crc = state
            var index = 0
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
                let mixed = word ^ UInt64(crc)
                crc =
                    tables[7 * 256 + Int(mixed & 0xFF)]
                    ^ tables[6 * 256 + Int(mixed >> 8 & 0xFF)]
                    ^ tables[5 * 256 + Int(mixed >> 16 & 0xFF)]
                    ^ tables[4 * 256 + Int(mixed >> 24 & 0xFF)]
                    ^ tables[3 * 256 + Int(mixed >> 32 & 0xFF)]
                    ^ tables[2 * 256 + Int(mixed >> 40 & 0xFF)]
                    ^ tables[1 * 256 + Int(mixed >> 48 & 0xFF)]
                    ^ tables[Int(mixed >> 56)]
                index += 8
            }
            while index < bytes.count {
                crc = tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ crc >> 8
                index += 1
            }
            return crc
        }
    }

    /// Table `k` moves a byte's effect on by `k` further bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
        }
        return tables
    }()
}
