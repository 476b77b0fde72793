import TestSupport
import Testing

@testable import TensorCore

@Suite struct LayoutTests {
    @Test func shapesStretchFromTheEnd() throws {
        // Source: NumPy, "Broadcasting".
        #expect(try Shape([3, 1, 5]).broadcast(with: [4, 1], for: "add") == [3, 4, 5])
        #expect(try Shape([]).broadcast(with: [2, 0], for: "add") == [2, 0])
        #expect(throws: TensorError.shapeMismatch(operation: "add", left: [3, 2], right: [3])) {
            try Shape([3, 2]).broadcast(with: [3], for: "add")
        }
    }

    @Test func axesOfLengthOneDoNotMatterForContiguity() {
        #expect(Layout(shape: [2, 1, 3], strides: [3, 77, 1], offset: 4).isContiguous)
        #expect(!Layout(shape: [2, 3], strides: [4, 1], offset: 0).isContiguous)
        #expect(Layout(contiguous: [0, 3]).isContiguous)
    }

    @Test func axisOutsideIsAnErrorThatNamesIt() {
        #expect(throws: TensorError.invalidShape(operation: "sum", shape: [2], reason: "it has no axis 3")) {
            try Tensor.zeros([2]).sum(axis: 3)
        }
    }

    /// Random chains of views hold the same numbers as the same steps on plain arrays.
    @Test func viewsAreWhatCopiesWouldBe() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<200 {
            var dimensions = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                Int.random(in: 0...4, using: &random)
            }
            var numbers = (0..<dimensions.reduce(1, *)).map(Float.init)
            var view = try Tensor(numbers, Shape(dimensions))
            for _ in 0..<4 {
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    let a = Int.random(in: 0..<dimensions.count, using: &random)
                    let b = Int.random(in: 0..<dimensions.count, using: &random)
                    view = try view.transposed(a, b)
                    (dimensions, numbers) = plainTranspose(dimensions, numbers, a, b)
                case 1:
                    let axis = Int.random(in: 0..<dimensions.count, using: &random)
                    let low = Int.random(in: 0...dimensions[axis], using: &random)
                    let high = Int.random(in: low...dimensions[axis], using: &random)
                    view = try view.sliced(axis: axis, low..<high)
                    (dimensions, numbers) = plainSlice(dimensions, numbers, axis, low..<high)
                default:
                    guard dimensions.count > 1 else { continue }
                    let merged = [dimensions[0] * dimensions[1]] + dimensions.dropFirst(2)
                    view = try view.reshaped(to: Shape(merged))
                    dimensions = merged
                }
            }
            #expect(view.shape == Shape(dimensions), "\(random)")
            #expect(try view.floats() == numbers, "\(random)")
        }
    }

    private func plainTranspose(
        _ dimensions: [Int],
        _ numbers: [Float],
        _ a: Int,
        _ b: Int
    ) -> ([Int], [Float]) {
        var target = dimensions
        target.swapAt(a, b)
        let strides = Shape(dimensions).contiguousStrides
        var order = strides
        order.swapAt(a, b)
        return (target, gather(target, order, 0, numbers))
    }

    private func plainSlice(
        _ dimensions: [Int],
        _ numbers: [Float],
        _ axis: Int,
        _ range: Range<Int>
    ) -> ([Int], [Float]) {
        var target = dimensions
        target[axis] = range.count
        let strides = Shape(dimensions).contiguousStrides
        return (target, gather(target, strides, range.lowerBound * strides[axis], numbers))
    }

    private func gather(_ dimensions: [Int], _ strides: [Int], _ start: Int, _ numbers: [Float]) -> [Float] {
        guard let length = dimensions.first else { return [numbers[start]] }
        return (0..<length).flatMap { index in
            gather(
                Array(dimensions.dropFirst()),
                Array(strides.dropFirst()),
                start + index * strides[0],
                numbers
            )
        }
    }
}
