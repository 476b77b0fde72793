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

    /// Converts between types of elements: what is computed with in a loop of its own, all else one by one.
    public func convert(_ source: Tensor, to destination: Tensor) throws(TensorError) {
        ThreadPool.ranges(destination.elementCount, grain: Self.grain) { range in
            guard destination.elementType != .float32 else {
                unsafe FloatCoding.floats(
                    source.bytes + range.lowerBound * source.elementType.byteCount,
                    source.elementType,
                    range.count,
                    destination.pointer + range.lowerBound
                )
                return
            }
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
