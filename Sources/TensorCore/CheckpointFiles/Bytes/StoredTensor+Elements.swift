extension StoredTensor {
    /// How many elements are converted at a time where strides are followed: 32 KiB of doubles, which stay in the
    /// processor's nearest cache.
    static let chunkCount = 4096

    /// All elements as float32, rows first.
    ///
    /// Integers beyond 2^24 and doubles are rounded to the nearest; booleans become 0 and 1.
    ///
    /// - Returns: as many numbers as ``elementCount``.
    public func floats() -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
            count = elementCount
        }
    }

    /// Writes all elements as float32, rows first.
    ///
    /// - Parameter target: room for exactly ``elementCount`` numbers.
    public func fill(_ target: UnsafeMutableBufferPointer<Float>) {
        precondition(target.count == elementCount, "a tensor fills a buffer of its own size")
        unsafe convert(0..<elementCount, to: target, FloatCoding.floats)
    }

    /// Elements `range` as doubles, exact but for integers beyond 2^53.
    func doubles(_ range: Range<Int>) -> [Double] {
        unsafe [Double](unsafeUninitializedCapacity: range.count) { buffer, count in
            let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<range.count])
            unsafe convert(range, to: target, FloatCoding.doubles)
            count = range.count
        }
    }

    /// Elements `range` in their own type, rows first, without gaps.
    func gather(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        switch elementType.byteCount {
        case 1: unsafe gather(range, into: target, as: UInt8.self)
        case 2: unsafe gather(range, into: target, as: UInt16.self)
        case 4: unsafe gather(range, into: target, as: UInt32.self)
        default: unsafe gather(range, into: target, as: UInt64.self)
        }
    }

    private func gather<Element: BitwiseCopyable>(
        _ range: Range<Int>,
        into target: UnsafeMutableRawBufferPointer,
        as type: Element.Type
    ) {
        let size = MemoryLayout<Element>.size
        precondition(target.count == range.count * size, "elements fill a buffer of their own size")
        guard var output = target.baseAddress else { return }
        _ = unsafe withStorage { storage in
            layout.forEachRun(in: range) { start, stride, count in
                let input = unsafe storage + start * size
                if stride == 1 {
                    unsafe output.copyMemory(from: input, byteCount: count * size)
                } else {
                    for index in 0..<count {
                        let element = unsafe input.loadUnaligned(
                            fromByteOffset: index * stride * size,
                            as: Element.self
                        )
                        unsafe output.storeBytes(of: element, toByteOffset: index * size, as: Element.self)
                    }
                }
                unsafe output += count * size
            }
        }
    }

    /// Converts in place where the elements are contiguous, through a small buffer where they are not.
    private func convert<Number>(
        _ range: Range<Int>,
        to target: UnsafeMutableBufferPointer<Number>,
        _ coding: (UnsafeRawPointer, ElementType, Int, UnsafeMutablePointer<Number>) -> Void
    ) {
        guard let output = target.baseAddress, !range.isEmpty else { return }
        let size = elementType.byteCount
        if isContiguous {
            _ = unsafe withStorage {
                unsafe coding(
                    $0 + (layout.offset + range.lowerBound) * size,
                    elementType,
                    range.count,
                    output
                )
            }
            return
        }
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.chunkCount * size, alignment: 64) { scratch in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunkCount) {
                let part = start..<min(start + Self.chunkCount, range.upperBound)
                let gathered = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[..<(part.count * size)])
                unsafe gather(part, into: gathered)
                guard let input = gathered.baseAddress else { return }
                unsafe coding(input, elementType, part.count, output + (start - range.lowerBound))
            }
        }
    }

    /// Elements `range` as `type`, rows first: a floating-point type of ours, or the tensor's own type.
    ///
    /// Rounds once, to the nearest, ties to even; what is beyond the range of `type` becomes infinite.
    func bytes(_ range: Range<Int>, as type: ElementType) -> [UInt8] {
        if type == elementType {
            return unsafe [UInt8](unsafeUninitializedCapacity: range.count * type.byteCount) {
                buffer,
                count in
                count = range.count * type.byteCount
                let target = unsafe UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
                unsafe gather(range, into: target)
            }
        }
        return FloatCoding.encode(doubles(range), as: type)
    }
}
