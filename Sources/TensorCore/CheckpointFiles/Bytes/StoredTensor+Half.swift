extension StoredTensor {
    /// A float16 tensor of its own memory.
    ///
    /// - Parameters:
    ///   - floats: the elements, rows first; each is rounded to the nearest float16, ties to even.
    ///   - shape: the dimensions; the product must be the number of elements.
    /// - Throws: ``CheckpointFileError/invalidTensor(name:reason:)``.
    public init(roundingToHalf floats: [Float], shape: [Int]) throws(CheckpointFileError) {
        let bytes = unsafe TensorBytes(count: floats.count * MemoryLayout<UInt16>.size) { memory in
            unsafe floats.withUnsafeBufferPointer { source in
                unsafe FloatCoding.halves(source, memory)
            }
        }
        try self.init(bytes, elementType: .float16, shape: shape)
        guard elementCount == floats.count else {
            throw .invalidTensor(
                name: "",
                reason: "the shape \(shape) has \(elementCount) elements, not \(floats.count)"
            )
        }
    }
}

extension FloatCoding {
    /// Little-endian float16 numbers; one loop, which the compiler vectorises.
    static func halves(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer) {
        precondition(output.count == input.count * 2, "numbers fill a buffer of their own size")
        for index in 0..<input.count {
            unsafe output.storeBytes(
                of: half(input[index]).littleEndian,
                toByteOffset: index * 2,
                as: UInt16.self
            )
        }
    }
}
