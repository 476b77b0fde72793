/// One element from one type to another.
enum ElementConversion {
    /// Reads element `index` of `input` and writes it to `output`.
    static func convert(
        _ input: UnsafeRawPointer,
        _ from: ElementType,
        _ output: UnsafeMutableRawPointer,
        _ to: ElementType,
        at index: Int
    ) {
        switch from {
        case .int64:
            unsafe write(integer: input.load(fromByteOffset: index * 8, as: Int64.self), output, to, index)
        case .int32:
            unsafe write(
                integer: Int64(input.load(fromByteOffset: index * 4, as: Int32.self)),
                output,
                to,
                index
            )
        case .int16:
            unsafe write(
                integer: Int64(input.load(fromByteOffset: index * 2, as: Int16.self)),
                output,
                to,
                index
            )
        case .int8:
            unsafe write(integer: Int64(input.load(fromByteOffset: index, as: Int8.self)), output, to, index)
        case .uint8, .bool:
            unsafe write(integer: Int64(input.load(fromByteOffset: index, as: UInt8.self)), output, to, index)
        case .float64: unsafe write(input.load(fromByteOffset: index * 8, as: Double.self), output, to, index)
        case .float32:
            unsafe write(Double(input.load(fromByteOffset: index * 4, as: Float.self)), output, to, index)
        case .float16:
            let bits = unsafe input.load(fromByteOffset: index * 2, as: UInt16.self)
            unsafe write(Double(FloatCoding.float(half: bits)), output, to, index)
        case .bfloat16:
            let bits = unsafe input.load(fromByteOffset: index * 2, as: UInt16.self)
            unsafe write(Double(Float(bitPattern: UInt32(bits) << 16)), output, to, index)
        }
    }

    private static func write(
        _ value: Double,
        _ output: UnsafeMutableRawPointer,
        _ to: ElementType,
        _ index: Int
    ) {
        switch to {
        case .float64: unsafe output.storeBytes(of: value, toByteOffset: index * 8, as: Double.self)
        case .float32: unsafe output.storeBytes(of: Float(value), toByteOffset: index * 4, as: Float.self)
        case .float16:
            let bits = FloatCoding.half(FloatCoding.roundedToOdd(value))
            unsafe output.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
        case .bfloat16:
            let bits = FloatCoding.brain(FloatCoding.roundedToOdd(value))
            unsafe output.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
        case .int64, .int32, .int16, .int8, .uint8, .bool:
            // Beyond the range, and NaN, as near as it goes: input never traps.
            let integer =
                value.isNaN ? 0 : Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
            if to == .bool {
                unsafe output.storeBytes(of: value == 0 ? 0 : 1, toByteOffset: index, as: UInt8.self)
            } else {
                unsafe write(integer: integer, output, to, index)
            }
        }
    }

    private static func write(
        integer value: Int64,
        _ output: UnsafeMutableRawPointer,
        _ to: ElementType,
        _ index: Int
    ) {
        switch to {
        case .int64: unsafe output.storeBytes(of: value, toByteOffset: index * 8, as: Int64.self)
        case .int32:
            unsafe output.storeBytes(of: Int32(clamping: value), toByteOffset: index * 4, as: Int32.self)
        case .int16:
            unsafe output.storeBytes(of: Int16(clamping: value), toByteOffset: index * 2, as: Int16.self)
        case .int8: unsafe output.storeBytes(of: Int8(clamping: value), toByteOffset: index, as: Int8.self)
        case .uint8: unsafe output.storeBytes(of: UInt8(clamping: value), toByteOffset: index, as: UInt8.self)
        case .bool: unsafe output.storeBytes(of: value == 0 ? 0 : 1, toByteOffset: index, as: UInt8.self)
        case .float64, .float32, .float16, .bfloat16: unsafe write(Double(value), output, to, index)
        }
    }
}
