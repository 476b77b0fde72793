import CTensorKernels

extension CPUBackend {
    /// One product for OpenBLAS, or a part of one.
    private struct Product: Sendable {
        var rows: Range<Int>
        var columns: Range<Int>
        var batch: Int
    }

    /// Multiplications that are worth a thread of their own.
    private static let smallProduct = 1 << 18

    /// Cuts a batch of products into parts for all threads: whole matrices where there are enough, else blocks of
    /// rows or columns, whichever are more.
    private static func parts(rows: Int, columns: Int, depth: Int, batch: Int) -> [Product] {
        let threads = ThreadPool.threadCount
        let work = rows * columns * max(1, depth)
        var cuts = 1
        if batch < threads * 2, work > smallProduct { cuts = threads }
        var parts: [Product] = []
        for index in 0..<batch {
            for cut in 0..<cuts {
                if rows >= columns {
                    let range = block(rows, cut, cuts)
                    parts.append(Product(rows: range, columns: 0..<columns, batch: index))
                } else {
                    let range = block(columns, cut, cuts)
                    parts.append(Product(rows: 0..<rows, columns: range, batch: index))
                }
            }
        }
        return parts.filter { !$0.rows.isEmpty && !$0.columns.isEmpty }
    }

    /// A part of a length, on borders that suit the kernels of OpenBLAS.
    private static func block(_ length: Int, _ index: Int, _ count: Int) -> Range<Int> {
        func border(_ index: Int) -> Int {
            index == count ? length : min(length, (length * index / count + 8) / 16 * 16)
        }
        return border(index)..<border(index + 1)
    }

    /// Multiplies matrices; a large one on all threads, many small ones one a thread.
    public func multiply(
        _ left: MatrixBatch,
        _ right: MatrixBatch,
        scale: Float,
        keep: Float,
        into result: MatrixBatch
    ) throws(TensorError) {
        let (rows, columns, depth) = (result.rowCount, result.columnCount, left.columnCount)
        guard rows > 0, columns > 0 else { return }
        try MatrixLibrary.require()
        let parts = Self.parts(rows: rows, columns: columns, depth: depth, batch: result.offsets.count)
        let isSmall = rows * columns * max(1, depth) * result.offsets.count < Self.smallProduct
        let body: @Sendable (Int) -> Void = { index in
            Self.multiply(parts[index], left, right, scale: scale, keep: keep, into: result)
        }
        if isSmall { parts.indices.forEach(body) } else { ThreadPool.run(parts.count, body) }
    }

    private static func multiply(
        _ part: Product,
        _ left: MatrixBatch,
        _ right: MatrixBatch,
        scale: Float,
        keep: Float,
        into result: MatrixBatch
    ) {
        let first = left.offsets[left.offsets.count == 1 ? 0 : part.batch]
        let second = right.offsets[right.offsets.count == 1 ? 0 : part.batch]
        let rowStart = part.rows.lowerBound * (left.isTransposed ? 1 : left.rowStride)
        let columnStart = part.columns.lowerBound * (right.isTransposed ? right.rowStride : 1)
        let target =
            result.offsets[part.batch] + part.rows.lowerBound * result.rowStride + part.columns.lowerBound
        unsafe tk_sgemm(
            left.isTransposed ? 1 : 0,
            right.isTransposed ? 1 : 0,
            Int32(part.rows.count),
            Int32(part.columns.count),
            Int32(left.columnCount),
            scale,
            left.base + first + rowStart,
            Int32(left.rowStride),
            right.base + second + columnStart,
            Int32(right.rowStride),
            keep,
            result.base + target,
            Int32(result.rowStride)
        )
    }

    /// A product, and what follows it while its part is still in the cache.
    public func linear(
        _ x: MatrixBatch,
        _ weight: MatrixBatch,
        bias: Tensor?,
        activation: Activation,
        before: Tensor?,
        into result: Tensor
    ) throws(TensorError) {
        let (rows, columns, depth) = (x.rowCount, weight.columnCount, x.columnCount)
        guard rows > 0, columns > 0 else { return }
        try MatrixLibrary.require()
        let output = MatrixBatch(
            storage: (before ?? result).storage,
            offsets: [(before ?? result).layout.offset],
            rowCount: rows,
            columnCount: columns,
            rowStride: columns
        )
        let isPlain = bias == nil && activation == .none && before == nil
        let parts = Self.parts(rows: rows, columns: columns, depth: depth, batch: 1)
        ThreadPool.run(parts.count) { index in
            Self.multiply(parts[index], x, weight, scale: 1, keep: 0, into: output)
            if !isPlain { Self.finish(parts[index], columns, bias, activation, before, result) }
        }
    }

    private static func finish(
        _ part: Product,
        _ columnCount: Int,
        _ bias: Tensor?,
        _ activation: Activation,
        _ before: Tensor?,
        _ result: Tensor
    ) {
        let start = part.rows.lowerBound * columnCount + part.columns.lowerBound
        unsafe tk_finish(
            (before ?? result).pointer + start,
            result.pointer + start,
            columnCount,
            part.rows.count,
            part.columns.count,
            bias.map { unsafe $0.pointer + part.columns.lowerBound },
            activation.rawValue
        )
    }
}
