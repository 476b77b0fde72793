/// Chance that is computed from a counter, and so the same on every device and in every order.
public protocol RandomKernels {
    /// `result = x / (1 - p)`, or 0 with probability p; they may be the same memory.
    func dropout(_ x: Tensor, _ key: DropoutKey, into result: Tensor) throws(TensorError)
}
