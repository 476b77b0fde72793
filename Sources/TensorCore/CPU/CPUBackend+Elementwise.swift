import CTensorKernels

extension CPUBackend {
    /// Applies a function, on all threads where it is worth it.
    public func apply(_ function: UnaryFunction, _ x: Tensor, into result: Tensor) throws(TensorError) {
        ThreadPool.ranges(result.elementCount, grain: Self.grain) { range in
            let input = unsafe x.pointer + range.lowerBound
            let output = unsafe result.pointer + range.lowerBound
            switch function {
            case .exponential: unsafe tk_unary_exp(input, output, range.count)
            case .logarithm: unsafe tk_unary_log(input, output, range.count)
            case .squareRoot: unsafe tk_unary_sqrt(input, output, range.count)
            case .gelu: unsafe tk_unary_gelu(input, output, range.count)
            case .silu: unsafe tk_unary_silu(input, output, range.count)
            case .sigmoid: unsafe tk_unary_sigmoid(input, output, range.count)
            case .hyperbolicTangent: unsafe tk_unary_tanh(input, output, range.count)
            case .relu: unsafe tk_unary_relu(input, output, range.count)
            }
        }
    }

    /// Applies a derivative, on all threads where it is worth it.
    public func applyDerivative(
        _ function: UnaryFunction,
        saved: Tensor,
        upstream: Tensor,
        into derivative: Tensor
    ) throws(TensorError) {
        ThreadPool.ranges(derivative.elementCount, grain: Self.grain) { range in
            let value = unsafe saved.pointer + range.lowerBound
            let above = unsafe upstream.pointer + range.lowerBound
            let output = unsafe derivative.pointer + range.lowerBound
            switch function {
            case .exponential: unsafe tk_backward_exp(value, above, output, range.count)
            case .logarithm: unsafe tk_backward_log(value, above, output, range.count)
            case .squareRoot: unsafe tk_backward_sqrt(value, above, output, range.count)
            case .gelu: unsafe tk_backward_gelu(value, above, output, range.count)
            case .silu: unsafe tk_backward_silu(value, above, output, range.count)
            case .sigmoid: unsafe tk_backward_sigmoid(value, above, output, range.count)
            case .hyperbolicTangent: unsafe tk_backward_tanh(value, above, output, range.count)
            case .relu: unsafe tk_backward_relu(value, above, output, range.count)
            }
        }
    }

    /// Scales and shifts.
    public func affine(_ x: Tensor, scale: Float, offset: Float, into result: Tensor) throws(TensorError) {
        ThreadPool.ranges(result.elementCount, grain: Self.grain) { range in
            unsafe tk_affine(
                x.pointer + range.lowerBound,
                result.pointer + range.lowerBound,
                range.count,
                scale,
                offset
            )
        }
    }

    /// Combines two tensors row by row; what is repeated is read in place.
    public func combine(
        _ function: BinaryFunction,
        _ left: Tensor,
        _ right: Tensor,
        into result: Tensor
    ) throws(TensorError) {
        let walk = RowWalk(result.layout, [left.layout, right.layout])
        let isSimple = walk.innerSteps.allSatisfy { $0 == 0 || $0 == 1 }
        guard isSimple else {
            return try combine(function, try left.contiguous(), try right.contiguous(), into: result)
        }
        let grain = max(1, Self.grain / max(1, walk.rowLength))
        let (firstStep, secondStep) = (walk.innerSteps[0], walk.innerSteps[1])
        ThreadPool.ranges(walk.rowCount, grain: grain) { rows in
            walk.forEach(rows) { row, offsets in
                let first = unsafe left.pointer + offsets[0]
                let second = unsafe right.pointer + offsets[1]
                let output = unsafe result.pointer + row * walk.rowLength
                let count = walk.rowLength
                switch function {
                case .add: unsafe tk_binary_add(first, firstStep, second, secondStep, output, count)
                case .subtract: unsafe tk_binary_subtract(first, firstStep, second, secondStep, output, count)
                case .multiply: unsafe tk_binary_multiply(first, firstStep, second, secondStep, output, count)
                case .divide: unsafe tk_binary_divide(first, firstStep, second, secondStep, output, count)
                }
            }
        }
    }

    /// Adds a multiple of one tensor to another.
    public func addScaled(_ x: Tensor, _ scale: Float, into result: Tensor) throws(TensorError) {
        if result.isContiguous {
            ThreadPool.ranges(result.elementCount, grain: Self.grain) { range in
                unsafe tk_add_scaled(
                    x.pointer + range.lowerBound,
                    result.pointer + range.lowerBound,
                    range.count,
                    scale
                )
            }
            return
        }
        let walk = RowWalk(x.layout, [result.layout])
        let source = scale == 1 ? x : try Tensor.undefined(x.shape, on: self)
        if scale != 1 { try affine(x, scale: scale, offset: 0, into: source) }
        walk.forEach(0..<walk.rowCount) { row, offsets in
            unsafe tk_add_strided(
                source.pointer + row * walk.rowLength,
                result.pointer + offsets[0],
                walk.innerSteps[0],
                walk.rowLength
            )
        }
    }
}

/// How to go through contiguous memory of a shape together with other layouts of that shape: in rows, as long as all
/// of them can be walked with one step.
struct RowWalk: Sendable {
    /// How many elements a row has.
    let rowLength: Int
    /// How many rows there are.
    let rowCount: Int
    /// How far apart neighbours in a row are, for each layout.
    let innerSteps: [Int]
    private let outer: [Int]
    private let outerSteps: [[Int]]

    /// - Parameters:
    ///   - contiguous: the layout of the memory that is walked in order.
    ///   - layouts: others of the same shape; offsets are counted from their own first elements.
    init(_ contiguous: Layout, _ layouts: [Layout]) {
        let dimensions = contiguous.shape.dimensions
        var length = 1
        var steps = layouts.map { _ in 1 }
        var hasSteps = false
        var axis = dimensions.count - 1
        while axis >= 0 {
            if dimensions[axis] != 1 {
                let here = layouts.map { $0.strides[axis] }
                if !hasSteps {
                    (steps, hasSteps) = (here, true)
                } else if !zip(here, steps).allSatisfy({ $0 == $1 * length }) {
                    break
                }
                length *= dimensions[axis]
            }
            axis -= 1
        }
        rowLength = length
        innerSteps = steps
        outer = Array(dimensions.prefix(axis + 1))
        outerSteps = layouts.map { Array($0.strides.prefix(axis + 1)) }
        rowCount = length == 0 ? 0 : outer.reduce(1, *)
    }

    /// Calls a body with each row's number and where it begins in each layout.
    func forEach(_ rows: Range<Int>, _ body: (Int, [Int]) -> Void) {
        guard !rows.isEmpty else { return }
        var position = [Int](repeating: 0, count: outer.count)
        var rest = rows.lowerBound
        for axis in stride(from: outer.count - 1, through: 0, by: -1) {
            position[axis] = rest % outer[axis]
            rest /= outer[axis]
        }
        var offsets = outerSteps.map { steps in zip(steps, position).reduce(0) { $0 + $1.0 * $1.1 } }
        for row in rows {
            body(row, offsets)
            var axis = outer.count - 1
            while axis >= 0 {
                position[axis] += 1
                for index in offsets.indices { offsets[index] += outerSteps[index][axis] }
                if position[axis] < outer[axis] { break }
                for index in offsets.indices { offsets[index] -= outerSteps[index][axis] * outer[axis] }
                position[axis] = 0
                axis -= 1
            }
        }
    }
}
