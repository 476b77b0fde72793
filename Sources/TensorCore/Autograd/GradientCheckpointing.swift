/// Runs a part of a model without keeping what its derivative needs, and computes it again when it is asked for.
///
/// Time for memory: one more forward pass of the part for the memory of all its inner results.
/// Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
///
/// - Parameters:
///   - inputs: what the part depends on besides its parameters.
///   - body: the part; run twice, and it must do the same both times: keys of dropout are made outside of it.
/// - Returns: what the part returns.
/// - Throws: what the part throws.
public func recomputingGradients(
    _ inputs: [Tensor],
    _ body: @escaping @Sendable ([Tensor]) throws(TensorError) -> Tensor
) throws(TensorError) -> Tensor {
    guard GradientMode.isRecording else { return try body(inputs) }
    let plain = inputs.map(\.detached)
    let result = try withoutGradients { () throws(TensorError) in try body(plain) }
    // Recorded whether or not an input is tracked: there may be parameters inside.
    let node = GraphNode(
        operation: RecomputedOperation(inputs: plain, isTracked: inputs.map(\.isTracked), body: body),
        inputs: inputs.map(\.node)
    )
    return Tensor(storage: result.storage, layout: result.layout, node: node)
}

/// A part of a model that is computed again for its derivative.
struct RecomputedOperation: Operation {
    static let name = "recompute"
    let inputs: [Tensor]
    let isTracked: [Bool]
    let body: @Sendable ([Tensor]) throws(TensorError) -> Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let leaves = inputs.enumerated().map { Parameter("input \($0)", $1, isTrainable: isTracked[$0]) }
        let outcome: Result<Void, TensorError> = GradientMode.$isRecording.withValue(true) {
            do throws(TensorError) {
                let result = try body(leaves.map(\.tensor))
                // A part without parameters whose inputs do not matter has no derivative.
                if result.isTracked { try result.backward(upstream: upstream) }
                return .success(())
            } catch { return .failure(error) }
        }
        try outcome.get()
        return leaves.map { $0.gradient.map(Contribution.fresh) }
    }
}
