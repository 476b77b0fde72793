/// Numbers of any element type, from and to bytes of a file that are aligned to nothing.
///
/// Each loop has one type and no branch that depends on a number's size, so the compiler vectorises it.
enum FloatCoding {
    static func floats(
        _ input: UnsafeRawPointer,
        _ type: ElementType,
        _ count: Int,
        _ output: UnsafeMutablePointer<Float>
    ) {
        switch type {
        case .float64: unsafe decode(input, count, output, Double.self) { Float($0) }
        case .float32:
            unsafe UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: count * 4)
        case .float16: unsafe decode(input, count, output, UInt16.self) { float(half: $0) }
        case .bfloat16:
            unsafe decode(input, count, output, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .int64: unsafe decode(input, count, output, Int64.self) { Float($0) }
        case .int32: unsafe decode(input, count, output, Int32.self) { Float($0) }
        case .int16: unsafe decode(input, count, output, Int16.self) { Float($0) }
        case .int8: unsafe decode(input, count, output, Int8.self) { Float($0) }
        case .uint8: unsafe decode(input, count, output, UInt8.self) { Float($0) }
        case .bool: unsafe decode(input, count, output, UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    static func doubles(
        _ input: UnsafeRawPointer,
        _ type: ElementType,
        _ count: Int,
        _ output: UnsafeMutablePointer<Double>
    ) {
        switch type {
        case .float64:
            unsafe UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: count * 8)
        case .float32: unsafe decode(input, count, output, Float.self) { Double($0) }
        case .float16: unsafe decode(input, count, output, UInt16.self) { Double(float(half: $0)) }
        case .bfloat16:
            unsafe decode(input, count, output, UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .int64: unsafe decode(input, count, output, Int64.self) { Double($0) }
        case .int32: unsafe decode(input, count, output, Int32.self) { Double($0) }
        case .int16: unsafe decode(input, count, output, Int16.self) { Double($0) }
        case .int8: unsafe decode(input, count, output, Int8.self) { Double($0) }
        case .uint8: unsafe decode(input, count, output, UInt8.self) { Double($0) }
        case .bool: unsafe decode(input, count, output, UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    @inline(__always)
    private static func decode<Source: BitwiseCopyable, Number>(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ output: UnsafeMutablePointer<Number>,
        _ type: Source.Type,
        _ convert: (Source) -> Number
    ) {
        let size = MemoryLayout<Source>.size
        for index in 0..<count {
            unsafe output[index] = convert(input.loadUnaligned(fromByteOffset: index * size, as: Source.self))
        }
    }

    /// Little-endian bytes of `numbers` as a floating-point type; integers are not encoded from doubles.
    static func encode(_ numbers: [Double], as type: ElementType) -> [UInt8] {
        switch type {
        case .float64: bytes(numbers) { $0.bitPattern }
        case .float32: bytes(numbers) { Float($0).bitPattern }
        case .float16: bytes(numbers) { half(roundedToOdd($0)) }
        case .bfloat16: bytes(numbers) { brain(roundedToOdd($0)) }
        case .int64, .int32, .int16, .int8, .uint8, .bool:
            preconditionFailure("only floating-point types are converted to")
        }
    }

    @inline(__always)
    private static func bytes<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ numbers: [Double],
        _ pattern: (Double) -> Bits
    ) -> [UInt8] {
        let size = MemoryLayout<Bits>.size
        return unsafe [UInt8](unsafeUninitializedCapacity: numbers.count * size) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (index, number) in numbers.enumerated() {
                unsafe target.storeBytes(
                    of: pattern(number).littleEndian,
                    toByteOffset: index * size,
                    as: Bits.self
                )
            }
            count = numbers.count * size
        }
    }

    /// IEEE 754 binary16 to binary32, exact.
    @inline(__always)
    static func float(half bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7FFF) << 13
        let sign = UInt32(bits & 0x8000) << 16
        // Moves the exponent's bias from 15 to 127; subnormals get the leading 1 they lack, which is taken off again.
        let normal = magnitude &+ 0x3800_0000
        let subnormal = (Float(bitPattern: magnitude &+ 0x3880_0000) - 0x1p-14).bitPattern
        let special = magnitude | 0x7F80_0000
        let pattern = magnitude < 0x0080_0000 ? subnormal : magnitude >= 0x0F80_0000 ? special : normal
        return Float(bitPattern: pattern | sign)
    }

    /// Binary32 to IEEE 754 binary16, to the nearest, ties to even; from 65520 on to infinity.
    @inline(__always)
    static func half(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let magnitude = bits & 0x7FFF_FFFF
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        // Adding 0.5 leaves a subnormal's last place as the last place of the sum: the processor rounds.
        let subnormal = (Float(bitPattern: min(magnitude, 0x3880_0000)) + 0.5).bitPattern &- 0x3F00_0000
        let normal = (magnitude &- 0x3800_0000 &+ 0xFFF &+ (magnitude >> 13 & 1)) >> 13
        let quiet = 0x7E00 | (magnitude >> 13 & 0x3FF)
        let pattern =
            magnitude > 0x7F80_0000
            ? quiet : magnitude >= 0x477F_F000 ? 0x7C00 : magnitude < 0x3880_0000 ? subnormal : normal
        return UInt16(truncatingIfNeeded: pattern) | sign
    }

    /// Binary32 to bfloat16, to the nearest, ties to even.
    @inline(__always)
    static func brain(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
        return UInt16(truncatingIfNeeded: value.isNaN ? bits >> 16 | 0x40 : rounded)
    }

    /// Binary64 to binary32 such that rounding once more, to 16 bits, gives what rounding at once would.
    ///
    /// What is inexact gets an odd last place, so it is never mistaken for a tie.
    /// Source: Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding
    /// to odd", IEEE Transactions on Computers 57 (2008).
    @inline(__always)
    static func roundedToOdd(_ value: Double) -> Float {
        let nearest = Float(value)
        guard nearest.isFinite, Double(nearest) != value, nearest.bitPattern & 1 == 0 else { return nearest }
        // The odd neighbour on the other side of the value.
        return Double(nearest) < value ? nearest.nextUp : nearest.nextDown
    }
}
