extension Tensor {
    /// The first half of the last axis times the sigmoid of the second.
    ///
    /// Source: Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017 (GLU).
    ///
    /// - Returns: `[…, C]`, where this is `[…, 2C]`.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where the last axis is odd.
    public func gatedLinearUnit() throws(TensorError) -> Tensor {
        try requireFloat("glu")
        guard rank >= 1, shape.last.isMultiple(of: 2) else {
            throw .invalidShape(operation: "glu", shape: shape, reason: "its last axis has no two halves")
        }
        let x = try contiguous()
        let target = Shape(shape.dimensions.dropLast() + [shape.last / 2])
        let result = try Tensor.undefined(target, on: backend)
        try backend.gate(x.detached, into: result)
        return result.recording([x]) { GateOperation(x: x.detached) }
    }

    /// `silu(self) · other`: the middle of SwiGLU, in one pass.
    ///
    /// Source: Shazeer, "GLU Variants Improve Transformer", 2020.
    ///
    /// - Parameter other: of the same shape.
    /// - Returns: a tensor of that shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func siluGated(by other: Tensor) throws(TensorError) -> Tensor {
        try requireFloat("silu gate")
        try other.requireFloat("silu gate")
        guard shape == other.shape else {
            throw .shapeMismatch(operation: "silu gate", left: shape, right: other.shape)
        }
        let (x, gate) = (try contiguous(), try other.contiguous())
        let result = try Tensor.undefined(shape, on: backend)
        try backend.gateSilu(x.detached, by: gate.detached, into: result)
        return result.recording([x, gate]) {
            SiluGateOperation(
                x: x.detached,
                other: gate.detached,
                isTracked: x.node != nil,
                otherIsTracked: gate.node != nil
            )
        }
    }
}

/// `y = a·s(b)`: `da = u·s(b)`, `db = u·a·s(b)·(1 − s(b))`.
struct GateOperation: Operation {
    static let name = "glu"
    let x: Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.undefined(x.shape, on: x.backend)
        try x.backend.gateDerivative(x, upstream: upstream, into: derivative)
        return [.fresh(derivative)]
    }
}

/// `y = silu(a)·b`: `da = u·b·silu′(a)`, `db = u·silu(a)`.
struct SiluGateOperation: Operation {
    static let name = "silu gate"
    let x: Tensor
    let other: Tensor
    let isTracked: Bool
    let otherIsTracked: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let first = isTracked ? try Tensor.undefined(x.shape, on: x.backend) : nil
        let second = otherIsTracked ? try Tensor.undefined(x.shape, on: x.backend) : nil
        try x.backend.gateSiluDerivative(x, by: other, upstream: upstream, into: first, other: second)
        return [first.map { .fresh($0) }, second.map { .fresh($0) }]
    }
}
