import CTensorKernels

/// `y[i, n] (+)= Σ_l a[i·rowStep + l·depthStep] · b[l, n]`: a product whose left factor may overlap itself.
///
/// BLAS demands rows that do not overlap, so it gets every m-th row of a window matrix, m times; where that leaves too
/// little for its packing to pay, a loop of our own reads everything in place.
struct WindowProduct {
    var rowCount: Int
    var columnCount: Int
    var depth: Int
    /// From one row of `a` to the next; 1 where `a` lies the other way round.
    var rowStep: Int
    /// From one summand of `a` to the next; 1 where rows are contiguous.
    var depthStep: Int
    /// From one summand of `b` to the next.
    var rightStep: Int
    /// From one row of the result to the next.
    var resultStep: Int
    /// Whether the result is added to.
    var keeps = false

    private var interleaves: Int {
        depthStep == 1
            ? max(1, (depth + rowStep - 1) / max(1, rowStep))
            : max(1, (rowCount + depthStep - 1) / max(1, depthStep))
    }

    /// Whether BLAS is worth its packing.
    private var suitsBLAS: Bool {
        let split = depthStep == 1 ? rowCount : depth
        return columnCount > 64 && depth >= 64 && rowCount >= 16 && split / interleaves >= 32
    }

    func run(
        _ a: UnsafePointer<Float>,
        _ b: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>
    ) {
        guard rowCount > 0, columnCount > 0 else { return }
        guard suitsBLAS else {
            unsafe tk_correlate(
                a,
                rowStep,
                depthStep,
                b,
                rightStep,
                y,
                resultStep,
                rowCount,
                columnCount,
                depth,
                keeps ? 1 : 0
            )
            return
        }
        let count = interleaves
        for index in 0..<count {
            if depthStep == 1 {
                unsafe tk_sgemm(
                    0,
                    0,
                    Int32((rowCount - index + count - 1) / count),
                    Int32(columnCount),
                    Int32(depth),
                    1,
                    a + index * rowStep,
                    Int32(rowStep * count),
                    b,
                    Int32(rightStep),
                    keeps ? 1 : 0,
                    y + index * resultStep,
                    Int32(resultStep * count)
                )
            } else {
                unsafe tk_sgemm(
                    1,
                    0,
                    Int32(rowCount),
                    Int32(columnCount),
                    Int32((depth - index + count - 1) / count),
                    1,
                    a + index * depthStep,
                    Int32(depthStep * count),
                    b + index * rightStep,
                    Int32(rightStep * count),
                    keeps || index > 0 ? 1 : 0,
                    y,
                    Int32(resultStep)
                )
            }
        }
    }
}
