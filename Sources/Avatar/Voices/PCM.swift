/// Samples of 16 bits as bytes, little-endian.
enum PCM {
    /// The samples in bytes.
    ///
    /// Full scale becomes -1 to 1; a last odd byte is left out.
    static func samples(_ bytes: ArraySlice<UInt8>) -> [Float] {
        bytes.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: source.count / 2) { target, count in
                count = source.count / 2
                for index in 0..<count {
                    let value = UInt16(source[2 * index]) | UInt16(source[2 * index + 1]) << 8
                    target[index] = Float(Int16(bitPattern: value)) / 32_768
                }
            }
        }
    }
}
