/// A model can be made from a checkpoint; names of either spelling of weight normalisation are found.
extension Checkpoint: ParameterSource {
    /// All names, in the order of the file.
    public var names: [String] { tensors.map(\.name) }

    /// The dimensions of a tensor.
    public func shape(of name: String) -> Shape? { self[name].map { Shape($0.shape) } }

    /// A tensor as float32, or as integers where it holds them.
    public func tensor(_ name: String) throws(TensorError) -> Tensor {
        guard let stored = self[name] else {
            throw .parameters(missing: [name], extra: [], misshapen: [])
        }
        return try Tensor(stored.floats(), Shape(stored.shape))
    }
}
