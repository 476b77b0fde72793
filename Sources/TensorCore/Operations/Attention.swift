extension Tensor {
    /// `softmax(scale · q·kᵀ + bias)·v` for every head.
    ///
    /// Views of a packed projection are read in place. Nothing of the size queries × keys is kept for the derivative.
    /// Source: Vaswani et al., "Attention Is All You Need", 2017; Dao et al., "FlashAttention", 2022.
    ///
    /// - Parameters:
    ///   - query: `[B, Tq, H, D]`.
    ///   - key: `[B, Tk, H, D]`.
    ///   - value: `[B, Tk, H, D]`.
    ///   - scale: what scores are multiplied by, usually `D^-½`.
    ///   - keyLengths: how many keys count, for each row of the batch; nil for all. A query that sees none gives 0.
    ///   - isCausal: whether query `i` sees keys up to `Tk − Tq + i` only.
    ///   - bias: what is added to the scores.
    ///   - dropout: which weights are taken away after the softmax, to a 65,536th; nil for none.
    /// - Returns: `[B, Tq, H, D]`, contiguous.
    /// - Throws: ``TensorError`` where the shapes do not go together, or lengths lie outside of the keys.
    public static func attention(
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: Float,
        keyLengths: [Int]? = nil,
        isCausal: Bool = false,
        bias: AttentionBias? = nil,
        dropout: DropoutKey? = nil
    ) throws(TensorError) -> Tensor {
        try checkAttention(query, key, value, bias)
        let problem = AttentionProblem(
            query: try query.withPackedFeatures(),
            key: try key.withPackedFeatures(),
            value: try value.withPackedFeatures(),
            scale: scale,
            keyLengths: try key.frameLengths(keyLengths, for: "attention"),
            isCausal: isCausal,
            bias: try bias.map { bias throws(TensorError) in
                bias.with(try bias.values.contiguous(), try bias.gate?.contiguous())
            },
            dropout: dropout.flatMap { $0.probability > 0 ? $0 : nil }
        )
        let result = try Tensor.undefined(query.shape, on: query.backend)
        let logSums = try Tensor.undefined(
            [query.shape[0], query.shape[2], query.shape[1]],
            on: query.backend
        )
        try query.backend.attend(problem.detached, into: result, logSums: logSums)
        let inputs =
            [problem.query, problem.key, problem.value]
            + [problem.bias?.values, problem.bias?.gate].compactMap { $0 }
        return result.recording(inputs) {
            AttentionOperation(
                problem: problem.detached,
                result: result,
                logSums: logSums,
                biasIsTracked: problem.bias.map { $0.values.node != nil },
                gateIsTracked: problem.bias?.gate.map { $0.node != nil }
            )
        }
    }

    private static func checkAttention(
        _ query: Tensor,
        _ key: Tensor,
        _ value: Tensor,
        _ bias: AttentionBias?
    ) throws(TensorError) {
        for tensor in [query, key, value] { try tensor.requireFloat("attention") }
        guard query.rank == 4, key.rank == 4, query.shape[0] == key.shape[0],
            query.shape[2] == key.shape[2], query.shape[3] == key.shape[3]
        else { throw .shapeMismatch(operation: "attention", left: query.shape, right: key.shape) }
        guard key.shape == value.shape else {
            throw .shapeMismatch(operation: "attention", left: key.shape, right: value.shape)
        }
        guard let bias else { return }
        try bias.values.requireFloat("attention bias")
        try bias.gate?.requireFloat("attention gate")
        let (heads, queries, keys) = (query.shape[2], query.shape[1], key.shape[1])
        let expected: Shape
        switch bias {
        case .full: expected = [heads, queries, keys]
        case .relative:
            guard queries == keys, queries > 0 else {
                throw .shapeMismatch(operation: "attention bias", left: query.shape, right: key.shape)
            }
            expected = [heads, 2 * queries - 1]
        }
        guard bias.values.shape == expected else {
            throw .shapeMismatch(operation: "attention bias", left: bias.values.shape, right: expected)
        }
        if let gate = bias.gate, gate.shape != [query.shape[0], heads, queries] {
            throw .shapeMismatch(
                operation: "attention gate",
                left: gate.shape,
                right: [query.shape[0], heads, queries]
            )
        }
    }

    /// Itself where features lie one after another and rows do not overlap; else a copy.
    private func withPackedFeatures() throws(TensorError) -> Tensor {
        let isPacked = layout.strides[3] == 1 && layout.strides[1] >= shape[3]
        return isPacked ? self : try contiguous()
    }
}

extension AttentionProblem {
    /// The same, cut off from how it came about.
    fileprivate var detached: AttentionProblem {
        var copy = self
        (copy.query, copy.key, copy.value) = (query.detached, key.detached, value.detached)
        copy.bias = bias.map { $0.with($0.values.detached, $0.gate?.detached) }
        return copy
    }
}

/// Attention: with weights `P` and `dP = dO·Vᵀ`, `dS = P·(dP − Σ dO·O)`; `dV = Pᵀ·dO`, `dQ = scale·dS·K`,
/// `dK = scale·dSᵀ·Q`, and the bias gets `dS`, its gate the product of both.
struct AttentionOperation: Operation {
    static let name = "attention"
    let problem: AttentionProblem
    let result: Tensor
    let logSums: Tensor
    /// Whether there is a bias, and whether it is tracked.
    let biasIsTracked: Bool?
    /// Whether there is a gate, and whether it is tracked.
    let gateIsTracked: Bool?

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let backend = upstream.backend
        var derivatives = AttentionDerivatives(
            query: try .undefined(problem.query.shape, on: backend),
            key: try .undefined(problem.key.shape, on: backend),
            value: try .undefined(problem.value.shape, on: backend)
        )
        if biasIsTracked == true, let bias = problem.bias {
            derivatives.bias = try .undefined(bias.values.shape, on: backend)
        }
        if gateIsTracked == true, let gate = problem.bias?.gate {
            derivatives.gate = try .undefined(gate.shape, on: backend)
        }
        try backend.attendDerivative(
            problem,
            result: result,
            logSums: logSums,
            upstream: upstream,
            into: derivatives
        )
        var contributions: [Contribution?] = [
            .fresh(derivatives.query), .fresh(derivatives.key), .fresh(derivatives.value),
        ]
        if biasIsTracked != nil { contributions.append(derivatives.bias.map(Contribution.fresh)) }
        if gateIsTracked != nil { contributions.append(derivatives.gate.map(Contribution.fresh)) }
        return contributions
    }
}
