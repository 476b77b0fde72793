/// What is known of each block of an older file: enough to find the blocks again in a newer one.
struct BlockSignature: Sendable {
    /// In bytes; the last block may be shorter.
    let blockLength: Int
    /// How many bytes of each block's SHA-256 are kept.
    let strongLength: Int
    /// Of the older file.
    let fileLength: Int
    private(set) var weak: [UInt32] = []
    private(set) var strong: [UInt8] = []

    /// - Parameters:
    ///   - blockLength: above zero.
    ///   - strongLength: 2 to 32.
    ///   - fileLength: of the older file.
    init(blockLength: Int, strongLength: Int, fileLength: Int) {
        precondition(blockLength > 0 && (1...32).contains(strongLength) && fileLength >= 0)
        (self.blockLength, self.strongLength, self.fileLength) = (blockLength, strongLength, fileLength)
    }

    /// Signs a whole file in memory.
    init(of bytes: [UInt8], blockLength: Int? = nil, strongLength: Int? = nil) {
        let blockLength = blockLength ?? Self.blockLength(fileLength: bytes.count)
        let rule = Self.strongLength(fileLength: bytes.count, blockLength: blockLength)
        self.init(
            blockLength: blockLength,
            strongLength: strongLength ?? rule,
            fileLength: bytes.count
        )
        bytes.withUnsafeBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: blockLength) {
                let end = min(start + blockLength, buffer.count)
                append(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            }
        }
    }

    /// Adds the next block.
    mutating func append(_ block: UnsafeRawBufferPointer) {
        weak.append(RollingChecksum(block).value)
        strong.append(contentsOf: Self.strongSum(of: block).prefix(strongLength))
    }

    /// How many blocks there are.
    var count: Int { weak.count }

    /// The length of a block.
    func length(of block: Int) -> Int { min(blockLength, fileLength - block * blockLength) }

    /// Whether a block has this strong sum.
    func matches(_ sum: [UInt8], block: Int) -> Bool {
        strong[block * strongLength..<(block + 1) * strongLength].elementsEqual(sum.prefix(strongLength))
    }

    static func strongSum(of block: UnsafeRawBufferPointer) -> [UInt8] {
        var hasher = SHA256Hasher()
        hasher.update(block)
        return hasher.finish().bytes
    }

    /// The block length that rsync takes: 700 bytes, or the root of the length in steps of eight.
    ///
    /// Source: rsync, generator.c, `sum_sizes_sqroot`.
    static func blockLength(fileLength: Int) -> Int {
        guard fileLength > 700 * 700 else { return 700 }
        let root = Int(Double(fileLength).squareRoot()) & ~7
        return min(max(root, 700), 1 << 17)
    }

    /// How many bytes of the strong sum make an accidental match unlikely, as rsync reckons.
    ///
    /// Short sums are a matter of chance, hence the check of the whole content at the end.
    /// Source: rsync, generator.c, `sum_sizes_sqroot`; BLOCKSUM_BIAS is 10.
    static func strongLength(fileLength: Int, blockLength: Int) -> Int {
        let bits = 10 + 2 * floorLog2(fileLength) - floorLog2(blockLength)
        // 32 bits are those of the weak sum.
        let length = (bits + 1 - 32 + 7) >> 3
        return min(max(length, 2), 16)
    }

    private static func floorLog2(_ value: Int) -> Int {
        value <= 1 ? 0 : Int.bitWidth - 1 - value.leadingZeroBitCount
    }
}
