import Glibc
import Synchronization

/// The angles of rotary embeddings, computed once for all layers and steps.
enum RotaryTable {
    private struct Key: Hashable {
        let pairCount: Int
        let base: Float
        let backend: ObjectIdentifier
    }

    private struct Table {
        let cosines: Tensor
        let sines: Tensor
    }

    private static let tables = Mutex<[Key: Table]>([:])

    /// More positions than that are not kept: twenty minutes of WavLM's frames.
    private static let longestKept = 1 << 16

    /// Rows for a range of positions.
    ///
    /// - Parameters:
    ///   - positions: from 0 on.
    ///   - pairCount: half of the features of a head.
    ///   - base: how slowly the slowest pair turns.
    ///   - backend: where they are to lie.
    /// - Returns: `[positions, pairs]` each, contiguous.
    /// - Throws: ``TensorError`` where memory or the device fails.
    static func rows(
        _ positions: Range<Int>,
        pairCount: Int,
        base: Float,
        on backend: any Backend
    ) throws(TensorError) -> (cosines: Tensor, sines: Tensor) {
        guard positions.upperBound <= longestKept else {
            let table = try make(positions, pairCount, base, backend)
            return (table.cosines, table.sines)
        }
        let key = Key(pairCount: pairCount, base: base, backend: ObjectIdentifier(backend))
        let table: Table
        if let kept = tables.withLock({ $0[key] }), kept.cosines.shape[0] >= positions.upperBound {
            table = kept
        } else {
            var length = 256
            while length < positions.upperBound { length *= 2 }
            table = try make(0..<length, pairCount, base, backend)
            tables.withLock { $0[key] = table }
        }
        return (
            try table.cosines.sliced(axis: 0, positions), try table.sines.sliced(axis: 0, positions)
        )
    }

    /// In double precision: at position 1000 an angle in float32 is wrong in the fourth digit.
    private static func make(
        _ positions: Range<Int>,
        _ pairCount: Int,
        _ base: Float,
        _ backend: any Backend
    ) throws(TensorError) -> Table {
        let frequencies = (0..<pairCount).map { pow(Double(base), -Double($0) / Double(pairCount)) }
        var cosines: [Float] = []
        var sines: [Float] = []
        for position in positions {
            for frequency in frequencies {
                let angle = Double(position) * frequency
                cosines.append(Float(cos(angle)))
                sines.append(Float(sin(angle)))
            }
        }
        let shape: Shape = [positions.count, pairCount]
        return Table(
            cosines: try Tensor(cosines, shape, on: backend),
            sines: try Tensor(sines, shape, on: backend)
        )
    }
}
