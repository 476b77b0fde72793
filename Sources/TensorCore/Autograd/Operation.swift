/// One differentiable step: what it was computed from, and how a change of the result changes the loss through it.
///
/// A type of its own for every operation, beside its forward function. It holds the tensors that its derivative needs,
/// and no others.
protocol Operation: Sendable {
    /// For errors and profiles.
    static var name: String { get }

    /// The derivative of the loss for each input.
    ///
    /// - Parameter upstream: the derivative of the loss for the result, contiguous, of the result's shape.
    /// - Returns: one for each input in order; nil where an input carries no derivative.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?]
}

/// What an operation adds to the derivative of one of its inputs.
enum Contribution: Sendable {
    /// For all its elements; others may hold the same memory.
    case whole(Tensor)
    /// For all its elements, in memory that nobody else holds: sums may grow in it.
    case fresh(Tensor)
    /// For a range along one axis only, so that a slice need not be widened with zeros.
    case part(Tensor, of: Shape, axis: Int, start: Int)
}

extension Tensor {
    /// Makes the result of an operation remember it, where a derivative can be asked for.
    ///
    /// - Parameters:
    ///   - inputs: what it was computed from, in the order of the operation's contributions.
    ///   - operation: made only where it is needed.
    /// - Returns: the same numbers.
    func recording(_ inputs: [Tensor], _ operation: () -> any Operation) -> Tensor {
        guard GradientMode.isRecording, inputs.contains(where: { $0.node != nil }) else { return self }
        let node = GraphNode(operation: operation(), inputs: inputs.map(\.node))
        return Tensor(storage: storage, layout: layout, node: node)
    }
}

/// Whether operations are recorded for derivatives.
enum GradientMode {
    @TaskLocal static var isRecording = true
}

/// Runs a body whose operations leave no graph behind, and so keep no memory: evaluation, frozen parts.
///
/// - Parameter body: what is run.
/// - Returns: what the body returns.
/// - Throws: what the body throws.
public func withoutGradients<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    // `withValue` only rethrows untyped errors.
    let outcome: Swift.Result<Result, Failure> = GradientMode.$isRecording.withValue(false) {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
}
