import CTensorKernels
import Synchronization

extension CPUBackend {
    /// Sums one axis.
    public func sum(
        _ x: Tensor,
        outer: Int,
        axis: Int,
        inner: Int,
        into result: Tensor
    ) throws(TensorError) {
        if inner == 1 {
            ThreadPool.ranges(outer, grain: max(1, Self.grain / max(1, axis))) { rows in
                for row in rows { unsafe result.pointer[row] = tk_sum(x.pointer + row * axis, axis) }
            }
            return
        }
        try fill(result, 0)
        // Columns are split, never the sum: the order of additions does not depend on the threads.
        let pieces = outer >= ThreadPool.threadCount * 2 ? 1 : max(1, min(ThreadPool.threadCount, inner / 64))
        ThreadPool.run(outer * pieces) { index in
            let (block, piece) = (index / pieces, index % pieces)
            let columns = inner * piece / pieces..<inner * (piece + 1) / pieces
            unsafe tk_add_column_sums(
                x.pointer + block * axis * inner + columns.lowerBound,
                inner,
                result.pointer + block * inner + columns.lowerBound,
                axis,
                columns.count
            )
        }
    }

    /// The sum of all squares: parts of a fixed size, added in order.
    public func sumOfSquares(_ x: Tensor) throws(TensorError) -> Double {
        let size = 1 << 16
        let count = (x.elementCount + size - 1) / size
        let parts = Mutex([Double](repeating: 0, count: count))
        ThreadPool.run(count) { index in
            let start = index * size
            let part = unsafe tk_sum_of_squares(x.pointer + start, min(size, x.elementCount - start))
            parts.withLock { $0[index] = part }
        }
        return parts.withLock { $0.reduce(0, +) }
    }
}
