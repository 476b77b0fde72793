import CTensorKernels

extension CPUBackend {
    /// Memory from the pool.
    public func allocate(byteCount: Int, _ elementType: ElementType) throws(TensorError) -> Storage {
        let block = unsafe try MemoryPool.shared.allocate(byteCount)
        return unsafe Storage(
            address: block,
            byteCount: byteCount,
            elementType: elementType,
            backend: self,
            release: { unsafe MemoryPool.shared.give(back: $0, $1) }
        )
    }

    /// Copies numbers in.
    public func upload(_ values: [Float], to tensor: Tensor) throws(TensorError) {
        unsafe values.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe tensor.pointer.update(from: base, count: source.count)
        }
    }

    /// Copies numbers out.
    public func download(_ tensor: Tensor) throws(TensorError) -> [Float] {
        unsafe Array(UnsafeBufferPointer(start: tensor.pointer, count: tensor.elementCount))
    }

    /// Fills with one number.
    public func fill(_ tensor: Tensor, _ value: Float) throws(TensorError) {
        ThreadPool.ranges(tensor.elementCount, grain: Self.grain * 4) { range in
            unsafe (tensor.pointer + range.lowerBound).update(repeating: value, count: range.count)
        }
    }

    /// Copies from any layout; a matrix that lies the other way round goes in blocks.
    public func copy(_ source: Tensor, to destination: Tensor) throws(TensorError) {
        guard source.elementType.byteCount == 4 else { return copyElements(source, to: destination) }
        if let (count, rows, columns, rowStep) = source.layout.turnedMatrices {
            let blocks = source.layout.leadingOffsets(keeping: 2)
            precondition(blocks.count == count)
            ThreadPool.run(count) { index in
                unsafe tk_transpose(
                    source.pointer - source.layout.offset + blocks[index],
                    rowStep,
                    destination.pointer + index * rows * columns,
                    columns,
                    rows
                )
            }
            return
        }
        let walk = RowWalk(destination.layout, [source.layout])
        ThreadPool.ranges(walk.rowCount, grain: max(1, Self.grain / max(1, walk.rowLength))) { rows in
            walk.forEach(rows) { row, offsets in
                unsafe tk_copy_strided(
                    source.pointer + offsets[0],
                    walk.innerSteps[0],
                    destination.pointer + row * walk.rowLength,
                    walk.rowLength
                )
            }
        }
    }

    /// Elements that are not four bytes wide are stored, not computed with: one by one will do.
    private func copyElements(_ source: Tensor, to destination: Tensor) {
        let width = source.elementType.byteCount
        let walk = RowWalk(destination.layout, [source.layout])
        walk.forEach(0..<walk.rowCount) { row, offsets in
            for index in 0..<walk.rowLength {
                unsafe (destination.bytes + (row * walk.rowLength + index) * width).copyMemory(
                    from: source.bytes + (offsets[0] + index * walk.innerSteps[0]) * width,
                    byteCount: width
                )
            }
        }
    }

    /// Converts between types of elements, by way of float32 or, between integers, of int64.
    public func convert(_ source: Tensor, to destination: Tensor) throws(TensorError) {
        ThreadPool.ranges(destination.elementCount, grain: Self.grain) { range in
            for index in range {
                unsafe ElementConversion.convert(
                    source.bytes,
                    source.elementType,
                    destination.bytes,
                    destination.elementType,
                    at: index
                )
            }
        }
    }
}

extension Layout {
    /// The number of matrices, their dimensions, and the step between columns, where the last two axes are a matrix
    /// that lies the other way round, large enough to be worth it.
    fileprivate var turnedMatrices: (count: Int, rows: Int, columns: Int, step: Int)? {
        guard shape.rank >= 2, strides[shape.rank - 2] == 1, strides[shape.rank - 1] > 1 else { return nil }
        let (rows, columns) = (shape[-2], shape[-1])
        guard rows > 1, columns > 1 else { return nil }
        return (shape.dimensions.dropLast(2).reduce(1, *), rows, columns, strides[shape.rank - 1])
    }
}

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
            unsafe write(Double(HalfPrecision.float(fromFloat16: bits)), output, to, index)
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
            let bits = HalfPrecision.float16(from: Float(value))
            unsafe output.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
        case .bfloat16:
            let bits = HalfPrecision.bfloat16(from: Float(value))
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
