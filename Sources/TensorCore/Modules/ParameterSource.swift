/// Named tensors that a model can be made from: a checkpoint.
public protocol ParameterSource: Sendable {
    /// All names, in the order of the file.
    var names: [String] { get }
    /// The dimensions of a tensor; nil where there is none of that name.
    func shape(of name: String) -> Shape?
    /// A tensor as float32, or as integers where it holds them.
    ///
    /// - Parameter name: one of ``names``.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError`` where it cannot be read.
    func tensor(_ name: String) throws(TensorError) -> Tensor
}

/// Named tensors in memory.
public struct ParameterDictionary: ParameterSource {
    private let tensors: [String: Tensor]

    /// - Parameter tensors: by name.
    public init(_ tensors: [String: Tensor]) { self.tensors = tensors }

    /// All names, sorted.
    public var names: [String] { tensors.keys.sorted() }

    /// The dimensions of a tensor.
    public func shape(of name: String) -> Shape? { tensors[name]?.shape }

    /// A tensor.
    public func tensor(_ name: String) throws(TensorError) -> Tensor {
        guard let tensor = tensors[name] else {
            throw .parameters(missing: [name], extra: [], misshapen: [])
        }
        return tensor
    }
}
