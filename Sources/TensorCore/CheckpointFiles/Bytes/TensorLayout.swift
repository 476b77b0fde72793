/// Where the elements of a tensor lie, counted in elements from the start of its storage.
///
/// Every number comes from a file, so each step of the arithmetic is checked once, here.
struct TensorLayout: Sendable, Equatable {
    /// As many dimensions as PyTorch allows.
    static let maximumRank = 64
    /// A view may repeat its storage (stride 0) up to this many elements: a few bytes of a hostile file must not
    /// become terabytes.
    static let maximumExpandedCount = 1 << 24

    let shape: [Int]
    let strides: [Int]
    let offset: Int
    /// The product of the shape.
    let count: Int

    /// Runs of elements at equal distances that make up the tensor: the last of these axes, for every combination
    /// of the others.
    ///
    /// Axes that continue each other are joined, axes of one element left out.
    let axes: [(count: Int, stride: Int)]

    static func == (left: TensorLayout, right: TensorLayout) -> Bool {
        left.shape == right.shape && left.strides == right.strides && left.offset == right.offset
    }

    /// Whether the elements follow each other without gaps, in order.
    var isContiguous: Bool { count == 0 || axes.isEmpty || (axes.count == 1 && axes[0].stride == 1) }

    /// Checks and analyses a layout.
    ///
    /// - Throws: the reason why it does not fit into a storage of `storageCount` elements.
    init(
        shape: [Int],
        strides givenStrides: [Int]?,
        offset: Int,
        storageCount: Int,
        elementByteCount: Int
    ) throws(Reason) {
        guard shape.count <= Self.maximumRank else {
            throw Reason("it has \(shape.count) dimensions; \(Self.maximumRank) are the most")
        }
        guard let count = Self.product(shape),
            !count.multipliedReportingOverflow(by: elementByteCount).overflow
        else { throw Reason("its shape \(shape) is no shape that memory could hold") }
        guard let strides = givenStrides ?? Self.contiguousStrides(shape) else {
            throw Reason("its shape \(shape) is no shape that memory could hold")
        }
        guard strides.count == shape.count, strides.allSatisfy({ $0 >= 0 }), offset >= 0 else {
            throw Reason("its strides \(strides) and offset \(offset) do not suit the shape \(shape)")
        }
        if count > 0 {
            var last = offset
            var isOverflowing = false
            for (size, stride) in zip(shape, strides) {
                let (step, stepOverflows) = (size - 1).multipliedReportingOverflow(by: stride)
                let (next, sumOverflows) = last.addingReportingOverflow(step)
                isOverflowing = isOverflowing || stepOverflows || sumOverflows
                last = next
            }
            guard !isOverflowing, last < storageCount else {
                throw Reason(
                    "its shape \(shape), strides \(strides) and offset \(offset) reach beyond its storage of "
                        + "\(storageCount) elements"
                )
            }
            guard count <= max(storageCount, Self.maximumExpandedCount) else {
                throw Reason("its shape \(shape) repeats a storage of \(storageCount) elements far too often")
            }
        }
        (self.shape, self.strides, self.offset, self.count) = (shape, strides, offset, count)
        axes = Self.joined(shape, strides)
    }

    /// Why a layout is refused.
    struct Reason: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// The product; nil for a negative factor or beyond Int; a zero wins over any other factor.
    static func product(_ shape: [Int]) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        var product = 1
        for size in shape {
            let (next, overflows) = product.multipliedReportingOverflow(by: size)
            guard !overflows else { return nil }
            product = next
        }
        return product
    }

    /// Strides of rows that follow each other; nil beyond Int.
    static func contiguousStrides(_ shape: [Int]) -> [Int]? {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            let (stride, overflows) = strides[axis + 1].multipliedReportingOverflow(
                by: max(1, shape[axis + 1])
            )
            guard !overflows else { return nil }
            strides[axis] = stride
        }
        return strides
    }

    private static func joined(_ shape: [Int], _ strides: [Int]) -> [(count: Int, stride: Int)] {
        var axes: [(count: Int, stride: Int)] = []
        for (size, stride) in zip(shape, strides) where size != 1 {
            let (step, overflows) = size.multipliedReportingOverflow(by: stride)
            if let outer = axes.last, !overflows, outer.stride == step,
                case (let joint, false) = outer.count.multipliedReportingOverflow(by: size)
            {
                axes[axes.count - 1] = (joint, stride)
            } else {
                axes.append((size, stride))
            }
        }
        return axes
    }

    /// Calls `body` for each run of elements within `range` of the tensor's own order.
    ///
    /// - Parameters:
    ///   - range: within `0..<count`.
    ///   - body: gets the run's first element in the storage, the distance between its elements, and their count.
    func forEachRun(in range: Range<Int>, _ body: (_ start: Int, _ stride: Int, _ count: Int) -> Void) {
        guard let inner = axes.last, inner.count > 0 else {
            if !range.isEmpty { body(offset, 1, range.count) }
            return
        }
        var position = range.lowerBound
        while position < range.upperBound {
            var (rest, skipped) = position.quotientAndRemainder(dividingBy: inner.count)
            let length = min(inner.count - skipped, range.upperBound - position)
            var start = offset + skipped * inner.stride
            for axis in axes.dropLast().reversed() {
                let (next, index) = rest.quotientAndRemainder(dividingBy: axis.count)
                start += index * axis.stride
                rest = next
            }
            body(start, inner.stride, length)
            position += length
        }
    }
}
