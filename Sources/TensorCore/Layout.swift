/// Where the elements of a tensor lie in its storage: element `(i, j, …)` at `offset + i·strides[0] + j·strides[1] …`.
///
/// Views differ from what they look at only in this: nothing is copied.
public struct Layout: Hashable, Sendable {
    /// The dimensions.
    public let shape: Shape
    /// How far apart neighbours are along each axis, in elements; 0 where an axis is repeated.
    public let strides: [Int]
    /// Where the first element is.
    public let offset: Int

    /// Elements one after another.
    ///
    /// - Parameters:
    ///   - shape: the dimensions.
    ///   - offset: where the first element is.
    public init(contiguous shape: Shape, offset: Int = 0) {
        self.init(shape: shape, strides: shape.contiguousStrides, offset: offset)
    }

    /// - Parameters:
    ///   - shape: the dimensions.
    ///   - strides: one for each axis.
    ///   - offset: where the first element is.
    public init(shape: Shape, strides: [Int], offset: Int) {
        precondition(strides.count == shape.rank, "strides \(strides) for the shape \(shape)")
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }

    /// Whether the elements lie one after another.
    public var isContiguous: Bool {
        var expected = 1
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape.dimensions[axis] != 1 {
            if strides[axis] != expected { return false }
            expected *= shape.dimensions[axis]
        }
        return true
    }

    /// Two axes in each other's place.
    func transposed(_ first: Int, _ second: Int) -> Layout {
        var order = Array(0..<shape.rank)
        order.swapAt(first, second)
        return permuted(order)
    }

    /// The axes in another order.
    func permuted(_ order: [Int]) -> Layout {
        Layout(
            shape: Shape(order.map { shape.dimensions[$0] }),
            strides: order.map { strides[$0] },
            offset: offset
        )
    }

    /// A range along one axis.
    func sliced(axis: Int, _ range: Range<Int>) -> Layout {
        var dimensions = shape.dimensions
        dimensions[axis] = range.count
        return Layout(
            shape: Shape(dimensions),
            strides: strides,
            offset: offset + range.lowerBound * strides[axis]
        )
    }

    /// The same elements repeated along axes of length 1 and new ones in front; nil where it does not go.
    func broadcast(to target: Shape) -> Layout? {
        guard target.rank >= shape.rank else { return nil }
        var result = [Int](repeating: 0, count: target.rank)
        let shift = target.rank - shape.rank
        for axis in 0..<shape.rank {
            let length = shape.dimensions[axis]
            if length == target.dimensions[axis + shift] {
                result[axis + shift] = strides[axis]
            } else if length != 1 {
                return nil
            }
        }
        return Layout(shape: target, strides: result, offset: offset)
    }

    /// The same elements in other dimensions without copying; nil where the strides do not allow it.
    func reshaped(to target: Shape) -> Layout? {
        if isContiguous { return Layout(contiguous: target, offset: offset) }
        // Axes are merged into runs that can be walked with one stride, and the new ones must split those runs.
        let old = zip(shape.dimensions, strides).filter { $0.0 != 1 }
        guard shape.elementCount > 0 else { return Layout(contiguous: target, offset: offset) }
        var result: [Int] = []
        var index = 0
        var axis = 0
        while axis < target.rank {
            if target.dimensions[axis] == 1 {
                result.append(1)
                axis += 1
                continue
            }
            guard index < old.count else { return nil }
            var (length, step) = old[index]
            index += 1
            var first = axis
            var product = target.dimensions[axis]
            axis += 1
            while product != length {
                if product < length {
                    guard axis < target.rank else { return nil }
                    product *= target.dimensions[axis]
                    axis += 1
                } else {
                    guard index < old.count, step == old[index].0 * old[index].1 else { return nil }
                    length *= old[index].0
                    step = old[index].1
                    index += 1
                }
            }
            var inner = product
            while first < axis {
                inner /= target.dimensions[first]
                result.append(step * inner)
                first += 1
            }
        }
        return Layout(shape: target, strides: result, offset: offset)
    }
}
