@testable import Collector
import Testing
import TestSupport

@Suite struct RollingChecksumTests {
    /// rsync, checksum.c: bytes are signed, so 0x80 counts as -128.
    @Test func countsBytesAsSigned() {
        let bytes: [UInt8] = [0x80, 0x01, 0xFF]
        let value = bytes.withUnsafeBytes { RollingChecksum($0).value }
        let sum = -128 + 1 - 1
        let weighted = 3 * -128 + 2 * 1 + 1 * -1
        #expect(value == UInt32(sum & 0xFFFF) | UInt32(weighted & 0xFFFF) << 16)
    }

    @Test func rollsToTheSameValueAsAFreshStart() {
        var random = SeededRandom.fresh()
        let bytes = random.bytes(5_000)
        for length in [1, 7, 700, 1_024] {
            var rolling = bytes.withUnsafeBytes { RollingChecksum(.init(rebasing: $0[0..<length])) }
            for start in 1...(bytes.count - length) {
                rolling.roll(out: bytes[start - 1], in: bytes[start + length - 1])
                let fresh = bytes.withUnsafeBytes {
                    RollingChecksum(.init(rebasing: $0[start..<start + length]))
                }
                if rolling != fresh {
                    Issue.record("length \(length), start \(start): \(random)")
                    return
                }
            }
            for start in (bytes.count - length + 1)..<bytes.count {
                rolling.shrink(out: bytes[start - 1])
                let fresh = bytes.withUnsafeBytes { RollingChecksum(.init(rebasing: $0[start...])) }
                #expect(rolling == fresh, "\(random)")
            }
        }
    }
}

@Suite struct BlockSignatureTests {
    /// Numbers of rsync 3.5: `generator.c`, `sum_sizes_sqroot`; 100 MB gave 70,137 bytes of sums on the wire.
    @Test(arguments: [
        (0, 700, 2), (490_000, 700, 2), (10_000_000, 3_160, 2), (100_000_000, 10_000, 3),
        (1_000_000_000, 31_616, 3), (10_000_000_000, 100_000, 4), (1 << 40, 131_072, 6),
    ])
    func blocksAndSumsAreAsLongAsThoseOfRsync(fileLength: Int, blockLength: Int, strongLength: Int) {
        #expect(BlockSignature.blockLength(fileLength: fileLength) == blockLength)
        #expect(
            BlockSignature.strongLength(fileLength: fileLength, blockLength: blockLength) == strongLength
        )
    }
}

@Suite struct DeltaTests {
    private func delta(
        _ signature: BlockSignature,
        _ new: [UInt8],
        random: inout SeededRandom
    ) -> [DeltaOperation] {
        var encoder = DeltaEncoder(signature)
        var operations: [DeltaOperation] = []
        var start = 0
        while start < new.count {
            let end = min(new.count, start + Int.random(in: 1...5_000, using: &random))
            new.withUnsafeBytes { buffer in
                encoder.update(.init(rebasing: buffer[start..<end])) { operations.append($0) }
            }
            start = end
        }
        encoder.finish { operations.append($0) }
        return operations
    }

    private func literalCount(_ operations: [DeltaOperation]) -> Int {
        operations.reduce(0) { total, operation in
            if case .literal(let bytes) = operation { total + bytes.count } else { total }
        }
    }

    @Test(arguments: [1, 16, 64, 700])
    func roundTripsUnderEveryKindOfEdit(blockLength: Int) throws {
        var random = SeededRandom.fresh()
        for _ in 0..<60 {
            let old = random.bytes(Int.random(in: 0...6 * blockLength + 40, using: &random))
            var new = old
            switch Int.random(in: 0...7, using: &random) {
            case 0: new = random.bytes(20) + new
            case 1: new += random.bytes(20)
            case 2: new = Array(new.prefix(new.count / blockLength / 2 * blockLength))
            case 3: new = Array(new.prefix(new.count * 2 / 3))
            case 4: new = Array(new.suffix(new.count / 2)) + Array(new.prefix(new.count / 2))
            case 5: if !new.isEmpty { new[new.count / 2] &+= 1 }
            case 6: new = []
            default: new = new + new
            }
            let signature = BlockSignature(of: old, blockLength: blockLength, strongLength: 16)
            let operations = delta(signature, new, random: &random)
            let result = try DeltaApplier.apply(
                operations,
                to: old,
                signature: signature,
                expecting: SHA256Value(hashing: new)
            )
            #expect(result == new, "\(random)")
        }
    }

    @Test func whatWasAppendedIsAllThatIsSent() {
        var random = SeededRandom.fresh()
        let old = random.bytes(100 * 700)
        let signature = BlockSignature(of: old)
        #expect(literalCount(delta(signature, old + random.bytes(300), random: &random)) == 300)
        #expect(literalCount(delta(signature, old, random: &random)) == 0)
        #expect(literalCount(delta(signature, random.bytes(13) + old, random: &random)) == 13)
        #expect(delta(signature, old, random: &random) == [.copy(firstBlock: 0, count: 100)])
    }

    @Test func aShortLastBlockIsFound() {
        var random = SeededRandom.fresh()
        let old = random.bytes(10 * 700 + 123)
        let signature = BlockSignature(of: old)
        #expect(delta(signature, old, random: &random) == [.copy(firstBlock: 0, count: 11)])
    }

    @Test func equalBlocksByTheThousandDoNotSlowTheSearchDown() {
        var random = SeededRandom.fresh()
        let old = [UInt8](repeating: 0, count: 700 * 3_000)
        let signature = BlockSignature(of: old, blockLength: 700)
        #expect(literalCount(delta(signature, old, random: &random)) == 0)
    }

    @Test func aCollisionOfShortSumsIsCaughtByTheWholeContent() throws {
        var random = SeededRandom.fresh()
        let old = random.bytes(1_400)
        let signature = BlockSignature(of: old)
        let new = random.bytes(1_400)
        #expect(throws: CollectorError.self) {
            try DeltaApplier.apply(
                [.copy(firstBlock: 0, count: 2)],
                to: old,
                signature: signature,
                expecting: SHA256Value(hashing: new)
            )
        }
    }

    @Test(arguments: [(-1, 1), (0, 0), (0, 3), (2, 1), (Int.max, 1), (1, Int.max)])
    func blocksThatDoNotExistAreRefused(first: Int, count: Int) {
        let signature = BlockSignature(of: [UInt8](repeating: 1, count: 1_000))
        #expect(throws: CollectorError.self) {
            _ = try DeltaApplier.range(firstBlock: first, count: count, in: signature)
        }
    }
}
