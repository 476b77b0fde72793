/// Makes the newer file from the older one and a delta.
enum DeltaApplier {
    /// The part of the older file that an operation copies.
    ///
    /// - Parameters:
    ///   - firstBlock: its number.
    ///   - count: how many blocks.
    ///   - signature: of the older file.
    /// - Returns: bytes of the older file.
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)`` where there are no such blocks.
    static func range(
        firstBlock: Int,
        count: Int,
        in signature: BlockSignature
    ) throws(CollectorError) -> Range<Int> {
        guard firstBlock >= 0, count > 0, count <= signature.count, firstBlock <= signature.count - count
        else {
            throw .protocolViolation("a delta", reason: "it names blocks that the older file does not have")
        }
        let start = firstBlock * signature.blockLength
        return start..<min((firstBlock + count) * signature.blockLength, signature.fileLength)
    }

    /// Applies a delta in memory.
    ///
    /// - Parameters:
    ///   - operations: in order.
    ///   - basis: the older file.
    ///   - signature: that the delta was made with.
    ///   - expected: the SHA-256 of the newer file.
    /// - Returns: the newer file.
    /// - Throws: ``CollectorError/verification(_:reason:)`` where the result is another: two different blocks
    ///   had the same short sum.
    static func apply(
        _ operations: [DeltaOperation],
        to basis: [UInt8],
        signature: BlockSignature,
        expecting expected: SHA256Value
    ) throws(CollectorError) -> [UInt8] {
        guard basis.count == signature.fileLength else {
            throw .protocolViolation("a delta", reason: "it was made for another file")
        }
        var result: [UInt8] = []
        for operation in operations {
            switch operation {
            case .literal(let bytes): result += bytes
            case .copy(let first, let count):
                result += basis[try range(firstBlock: first, count: count, in: signature)]
            }
        }
        guard SHA256Value(hashing: result) == expected else {
            throw .verification("a delta", reason: "its result is not the file that was sent")
        }
        return result
    }
}
