/// One step of making the newer file from the older one.
enum DeltaOperation: Sendable, Hashable {
    /// Take blocks of the older file.
    case copy(firstBlock: Int, count: Int)
    /// Take these bytes.
    case literal([UInt8])
}

/// Finds the blocks of an older file in a newer one that arrives piece by piece.
///
/// Memory is bounded by the signature, one block, and one piece. Source: rsync, match.c, `hash_search`.
struct DeltaEncoder: Sendable {
    private let signature: BlockSignature
    private let table: BlockTable
    private var buffer: [UInt8] = []
    /// Where the window begins, and where the bytes begin that matched nothing yet.
    private var position = 0
    private var literalStart = 0
    private var window: RollingChecksum?
    private var pendingCopy: (first: Int, count: Int)?

    /// Literal bytes are handed out in runs of at most this many.
    private static let maximumLiteralLength = 32 << 10

    /// - Parameter signature: of the older file.
    init(_ signature: BlockSignature) {
        self.signature = signature
        table = BlockTable(signature)
    }

    /// Takes the next bytes of the newer file.
    ///
    /// - Parameters:
    ///   - bytes: in order.
    ///   - emit: gets the operations that are certain by now.
    /// - Throws: what `emit` throws.
    mutating func update(
        _ bytes: UnsafeRawBufferPointer,
        emit: (DeltaOperation) throws -> Void
    ) rethrows {
        buffer.append(contentsOf: bytes)
        try search(isLast: false, emit: emit)
        // What is behind both marks is done with.
        buffer.removeFirst(literalStart)
        position -= literalStart
        literalStart = 0
    }

    /// Ends the newer file.
    ///
    /// - Parameter emit: gets the operations that are left.
    /// - Throws: what `emit` throws.
    mutating func finish(emit: (DeltaOperation) throws -> Void) rethrows {
        try search(isLast: true, emit: emit)
        try flushLiteral(emit: emit)
        try flushCopy(emit: emit)
    }

    private mutating func search(isLast: Bool, emit: (DeltaOperation) throws -> Void) rethrows {
        let blockLength = signature.blockLength
        while position < buffer.count {
            let available = buffer.count - position
            // One byte more than the window, so that it can roll.
            if !isLast, available <= blockLength { return }
            let length = min(blockLength, available)
            let current = window ?? checksum(at: position, length: length)
            if let block = match(current.value, at: position, length: length) {
                try flushLiteral(emit: emit)
                try take(block, emit: emit)
                position += length
                literalStart = position
                window = nil
                continue
            }
            var next = current
            if available > blockLength {
                next.roll(out: buffer[position], in: buffer[position + blockLength])
            } else {
                next.shrink(out: buffer[position])
            }
            window = next
            position += 1
            if position - literalStart >= Self.maximumLiteralLength { try flushLiteral(emit: emit) }
        }
    }

    private func checksum(at position: Int, length: Int) -> RollingChecksum {
        buffer.withUnsafeBytes { RollingChecksum(.init(rebasing: $0[position..<position + length])) }
    }

    private func match(_ weak: UInt32, at position: Int, length: Int) -> Int? {
        var strong: [UInt8]?
        func isMatch(_ block: Int) -> Bool {
            guard signature.weak[block] == weak, signature.length(of: block) == length else { return false }
            let sum =
                strong
                ?? buffer.withUnsafeBytes {
                    BlockSignature.strongSum(of: .init(rebasing: $0[position..<position + length]))
                }
            strong = sum
            return signature.matches(sum, block: block)
        }
        // A run of blocks goes on in most cases.
        if let pending = pendingCopy, position == literalStart {
            let wanted = pending.first + pending.count
            if wanted < signature.count, isMatch(wanted) { return wanted }
        }
        return table.first(weak, where: isMatch)
    }

    private mutating func take(_ block: Int, emit: (DeltaOperation) throws -> Void) rethrows {
        if let pending = pendingCopy, pending.first + pending.count == block {
            pendingCopy = (pending.first, pending.count + 1)
        } else {
            try flushCopy(emit: emit)
            pendingCopy = (block, 1)
        }
    }

    private mutating func flushCopy(emit: (DeltaOperation) throws -> Void) rethrows {
        guard let pending = pendingCopy else { return }
        pendingCopy = nil
        try emit(.copy(firstBlock: pending.first, count: pending.count))
    }

    private mutating func flushLiteral(emit: (DeltaOperation) throws -> Void) rethrows {
        guard literalStart < position else { return }
        try flushCopy(emit: emit)
        try emit(.literal(Array(buffer[literalStart..<position])))
        literalStart = position
    }
}

/// Finds the blocks with a weak sum.
private struct BlockTable: Sendable {
    /// The first block of each chain, by 16 bits of the sum; -1 for none.
    private var heads = [Int32](repeating: -1, count: 1 << 16)
    private var next: [Int32]

    /// Longer chains would make the search quadratic, and a hostile file can build them.
    ///
    /// Source: rsync, match.c, MAX_CHAIN_LEN.
    private static let maximumChainLength = 1_024

    init(_ signature: BlockSignature) {
        next = [Int32](repeating: -1, count: signature.count)
        var lengths = [UInt16](repeating: 0, count: 1 << 16)
        // From the end, so that the first of equal blocks is found first.
        for block in (0..<signature.count).reversed() {
            let tag = Self.tag(signature.weak[block])
            guard Int(lengths[tag]) < Self.maximumChainLength, let number = Int32(exactly: block) else {
                continue
            }
            lengths[tag] += 1
            next[block] = heads[tag]
            heads[tag] = number
        }
    }

    func first(_ weak: UInt32, where matches: (Int) -> Bool) -> Int? {
        var block = Int(heads[Self.tag(weak)])
        while block >= 0 {
            if matches(block) { return block }
            block = Int(next[block])
        }
        return nil
    }

    private static func tag(_ weak: UInt32) -> Int { Int((weak & 0xFFFF) &+ weak >> 16) & 0xFFFF }
}
