extension Tensor {
    /// Finds the derivative of this single number for every parameter it depends on, and adds it to theirs.
    ///
    /// The graph is used up. Source: reverse accumulation; Griewank and Walther, "Evaluating Derivatives", 2008, §3.2.
    ///
    /// - Throws: ``TensorError/graph(reason:)`` where this is no single number, or nothing is to be found.
    public func backward() throws(TensorError) {
        guard elementCount == 1 else {
            throw .graph(
                reason: "the loss has the shape \(shape); reduce it to one number, or give its derivative"
            )
        }
        try backward(upstream: try Tensor.full(1, shape, on: backend))
    }

    /// Finds derivatives, given that of the loss for this tensor.
    ///
    /// - Parameter upstream: of the same shape.
    /// - Throws: ``TensorError``.
    public func backward(upstream: Tensor) throws(TensorError) {
        guard let node else { throw .graph(reason: "no trainable parameter is behind this tensor") }
        guard upstream.shape == shape else {
            throw .shapeMismatch(operation: "backward", left: shape, right: upstream.shape)
        }
        var walk = BackwardWalk()
        try walk.add(.whole(upstream.detached), to: node)
        try walk.run()
    }
}

/// Goes through the graph from the loss to the parameters; every node comes after all that depend on it.
private struct BackwardWalk {
    /// What is known of a derivative so far.
    private struct Sum {
        var tensor: Tensor
        /// Whether the memory is ours to add to.
        var isOwned: Bool
    }

    private var sums: [ObjectIdentifier: Sum] = [:]
    private var waiting = NodeQueue()

    mutating func run() throws(TensorError) {
        while let node = waiting.popLast() {
            guard let sum = sums.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            let content = node.take()
            guard let operation = content.operation else {
                throw .graph(reason: "this graph was walked before; compute the loss anew")
            }
            let upstream = try sum.tensor.contiguous()
            let contributions = try withoutGradients { () throws(TensorError) in
                try operation.backward(upstream)
            }
            precondition(contributions.count == content.inputs.count, "\(type(of: operation))")
            for (input, contribution) in zip(content.inputs, contributions) {
                if let input, let contribution { try add(contribution, to: input) }
            }
        }
    }

    mutating func add(_ contribution: Contribution, to node: GraphNode) throws(TensorError) {
        let key = ObjectIdentifier(node)
        if let parameter = node.parameter {
            switch contribution {
            case .whole(let tensor): try parameter.accumulate(tensor, isOwned: false)
            case .fresh(let tensor): try parameter.accumulate(tensor, isOwned: true)
            case .part(let tensor, let shape, let axis, let start):
                let full = try Self.widened(tensor, to: shape, axis: axis, start: start)
                try parameter.accumulate(full, isOwned: true)
            }
            return
        }
        switch (contribution, sums[key]) {
        case (.whole(let tensor), nil):
            sums[key] = Sum(tensor: tensor, isOwned: false)
            waiting.insert(node)
        case (.fresh(let tensor), nil):
            sums[key] = Sum(tensor: tensor, isOwned: true)
            waiting.insert(node)
        case (.part(let tensor, let shape, let axis, let start), nil):
            let full = try Self.widened(tensor, to: shape, axis: axis, start: start)
            sums[key] = Sum(tensor: full, isOwned: true)
            waiting.insert(node)
        case (.fresh(let tensor), let sum?) where !sum.isOwned:
            try tensor.backend.addScaled(try sum.tensor.contiguous(), 1, into: tensor)
            sums[key] = Sum(tensor: tensor, isOwned: true)
        case (.whole(let tensor), let sum?), (.fresh(let tensor), let sum?):
            if sum.isOwned {
                try sum.tensor.backend.addScaled(try tensor.contiguous(), 1, into: sum.tensor)
            } else {
                let total = try withoutGradients { () throws(TensorError) in try sum.tensor.adding(tensor) }
                sums[key] = Sum(tensor: total, isOwned: true)
            }
        case (.part(let tensor, _, let axis, let start), var sum?):
            if !sum.isOwned { sum = Sum(tensor: try sum.tensor.copied(), isOwned: true) }
            sums[key] = sum
            try sum.tensor.addPart(tensor, axis: axis, start: start)
        }
    }

    private static func widened(
        _ tensor: Tensor,
        to shape: Shape,
        axis: Int,
        start: Int
    ) throws(TensorError) -> Tensor {
        let full = try Tensor.zeros(shape, on: tensor.backend)
        try full.addPart(tensor, axis: axis, start: start)
        return full
    }
}

/// Nodes of which the latest comes out first: a binary heap.
private struct NodeQueue {
    private var heap: [GraphNode] = []

    mutating func insert(_ node: GraphNode) {
        heap.append(node)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].order < heap[child].order else { break }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    mutating func popLast() -> GraphNode? {
        guard heap.count > 1 else { return heap.popLast() }
        heap.swapAt(0, heap.count - 1)
        let node = heap.removeLast()
        var parent = 0
        while true {
            var largest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].order > heap[largest].order { largest = child }
            guard largest != parent else { return node }
            heap.swapAt(parent, largest)
            parent = largest
        }
    }
}
