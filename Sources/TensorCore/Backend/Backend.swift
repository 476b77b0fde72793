/// Who computes: the processor, or a graphics card.
///
/// One narrow protocol for each family of kernels. Everything above it (shapes, derivatives, modules) is the same on
/// every device; everything below it knows nothing of derivatives. Results are written into tensors that the caller
/// made; unless a method says otherwise, all its tensors are contiguous float32 of matching shapes, which the caller
/// has checked, and outputs do not overlap inputs.
public protocol Backend: AnyObject, Sendable, MemoryKernels, ElementwiseKernels, ReductionKernels,
    MatrixKernels, ConvolutionKernels, NormalizationKernels, GatingKernels, AttentionKernels,
    EmbeddingKernels,
    RandomKernels, LossKernels, OptimizationKernels
{
    /// What a person calls it: `cpu`, `cuda:0`.
    var name: String { get }
}

/// Memory: making it, filling it, moving it.
public protocol MemoryKernels {
    /// Memory with undefined contents.
    ///
    /// - Parameters:
    ///   - byteCount: how much.
    ///   - elementType: what one element is.
    /// - Returns: the memory; it is given back when nobody holds it.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    func allocate(byteCount: Int, _ elementType: ElementType) throws(TensorError) -> Storage
    /// Writes numbers of the host into a tensor.
    func upload(_ values: [Float], to tensor: Tensor) throws(TensorError)
    /// Reads the numbers of a tensor into the host's memory.
    func download(_ tensor: Tensor) throws(TensorError) -> [Float]
    /// Fills a tensor with one number.
    func fill(_ tensor: Tensor, _ value: Float) throws(TensorError)
    /// Copies elements of any type from any layout into a contiguous tensor of the same type.
    func copy(_ source: Tensor, to destination: Tensor) throws(TensorError)
    /// Converts between types of elements; both are contiguous.
    func convert(_ source: Tensor, to destination: Tensor) throws(TensorError)
}

/// Functions of a number, or of two.
public protocol ElementwiseKernels {
    /// `result = f(x)`; they may be the same memory.
    func apply(_ function: UnaryFunction, _ x: Tensor, into result: Tensor) throws(TensorError)
    /// `derivative = f′ · upstream`, where `saved` is what ``UnaryFunction/savesInput`` says.
    func applyDerivative(
        _ function: UnaryFunction,
        saved: Tensor,
        upstream: Tensor,
        into derivative: Tensor
    ) throws(TensorError)
    /// `result = scale · x + offset`; they may be the same memory.
    func affine(_ x: Tensor, scale: Float, offset: Float, into result: Tensor) throws(TensorError)
    /// `result = left ∘ right`; both have the result's shape, in any layout, and one may be the result itself.
    func combine(
        _ function: BinaryFunction,
        _ left: Tensor,
        _ right: Tensor,
        into result: Tensor
    ) throws(TensorError)
    /// `result += scale · x`; `x` is contiguous, the result may have any layout.
    func addScaled(_ x: Tensor, _ scale: Float, into result: Tensor) throws(TensorError)
}

/// Sums and the like.
public protocol ReductionKernels {
    /// Sums the middle axis of `[outer, axis, inner]`, seen so, into `[outer, inner]`.
    func sum(_ x: Tensor, outer: Int, axis: Int, inner: Int, into result: Tensor) throws(TensorError)
    /// The sum of all squares, added up in double precision.
    func sumOfSquares(_ x: Tensor) throws(TensorError) -> Double
}

/// Products of matrices.
public protocol MatrixKernels {
    /// `result[i] = scale · left[i] · right[i] + keep · result[i]` for every matrix of a batch.
    func multiply(
        _ left: MatrixBatch,
        _ right: MatrixBatch,
        scale: Float,
        keep: Float,
        into result: MatrixBatch
    ) throws(TensorError)
    /// `result = activation(x · weightᵀ + bias)` over rows, where `before` also gets the value before the activation.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`; rows may be apart.
    ///   - weight: `[outputs, inputs]`.
    ///   - bias: `[outputs]` or nil.
    ///   - activation: what is done to every number, in the same pass.
    ///   - before: `[rows, outputs]` or nil, where the derivative will not be asked for.
    ///   - result: `[rows, outputs]`.
    /// - Throws: ``TensorError`` where the device fails.
    func linear(
        _ x: MatrixBatch,
        _ weight: MatrixBatch,
        bias: Tensor?,
        activation: Activation,
        before: Tensor?,
        into result: Tensor
    ) throws(TensorError)
}

/// A function of one number.
public enum UnaryFunction: String, Sendable, CaseIterable {
    case exponential, logarithm, squareRoot, gelu, silu, sigmoid, hyperbolicTangent, relu

    /// Whether the derivative is computed from the argument, and not from the value.
    public var savesInput: Bool {
        switch self {
        case .logarithm, .gelu, .silu, .relu: true
        case .exponential, .squareRoot, .sigmoid, .hyperbolicTangent: false
        }
    }
}

/// A function of two numbers.
public enum BinaryFunction: String, Sendable, CaseIterable {
    case add, subtract, multiply, divide
}

/// What a linear map does to its result in the same pass.
public enum Activation: Int32, Sendable, CaseIterable {
    case none = 0, gelu, silu, relu

    var function: UnaryFunction? {
        switch self {
        case .none: nil
        case .gelu: .gelu
        case .silu: .silu
        case .relu: .relu
        }
    }
}

/// Matrices of one size in one storage, in rows with a stride between them.
public struct MatrixBatch: Sendable {
    /// The memory.
    public let storage: Storage
    /// Where each matrix begins, in elements.
    public let offsets: [Int]
    /// How many rows there are after the transposition.
    public let rowCount: Int
    /// How many columns there are after the transposition.
    public let columnCount: Int
    /// How far apart the rows are that lie in memory, in elements.
    public let rowStride: Int
    /// Whether what lies in memory is the other way round.
    public let isTransposed: Bool

    /// - Parameters:
    ///   - storage: the memory.
    ///   - offsets: where each matrix begins.
    ///   - rowCount: after the transposition.
    ///   - columnCount: after the transposition.
    ///   - rowStride: between the rows that lie in memory.
    ///   - isTransposed: whether what lies in memory is the other way round.
    public init(
        storage: Storage,
        offsets: [Int],
        rowCount: Int,
        columnCount: Int,
        rowStride: Int,
        isTransposed: Bool = false
    ) {
        self.storage = storage
        self.offsets = offsets
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowStride = rowStride
        self.isTransposed = isTransposed
    }

    /// The last two axes of a tensor as matrices; nil where their layout is neither rows nor columns.
    ///
    /// - Parameters:
    ///   - tensor: of rank 2 at least.
    ///   - batch: the leading dimensions to repeat it over.
    ///   - isTransposed: whether the last two axes are to be exchanged.
    init?(_ tensor: Tensor, batch: Shape, isTransposed: Bool = false) {
        let axes = tensor.rank - 2
        let (rows, columns) = (tensor.shape[-2], tensor.shape[-1])
        let (rowStep, columnStep) = (tensor.layout.strides[axes], tensor.layout.strides[axes + 1])
        let target = Shape(batch.dimensions + [rows, columns])
        guard let layout = tensor.layout.broadcast(to: target) else { return nil }
        let isRows = (columnStep == 1 || columns <= 1) && (rowStep >= columns || rows <= 1)
        let isColumns = (rowStep == 1 || rows <= 1) && (columnStep >= rows || columns <= 1)
        guard isRows || isColumns else { return nil }
        storage = tensor.storage
        rowCount = isTransposed ? columns : rows
        columnCount = isTransposed ? rows : columns
        rowStride = max(1, isRows ? max(rowStep, columns) : max(columnStep, rows))
        self.isTransposed = isTransposed == isRows
        offsets = layout.leadingOffsets(keeping: 2)
    }
}

extension Layout {
    /// Where each block of the last axes begins, over all leading axes in order.
    func leadingOffsets(keeping kept: Int) -> [Int] {
        var offsets = [offset]
        for axis in 0..<max(0, shape.rank - kept) {
            let (length, step) = (shape.dimensions[axis], strides[axis])
            var next: [Int] = []
            next.reserveCapacity(offsets.count * length)
            for start in offsets { for index in 0..<length { next.append(start + index * step) } }
            offsets = next
        }
        return offsets
    }
}
