import Synchronization

/// A place in the graph of derivatives: an operation and where its inputs came from, or a parameter.
///
/// The operation is given away once, so that what it holds is freed while the graph is walked backwards and not at
/// the end: half of the memory of a training step.
final class GraphNode: Sendable {
    /// Later operations have greater numbers: the order in which derivatives are complete.
    let order: UInt64
    let parameter: Parameter?
    private let content: Mutex<Content>

    struct Content: Sendable {
        var operation: (any Operation)?
        var inputs: [GraphNode?]
    }

    private static let counter = Atomic<UInt64>(1)

    init(operation: any Operation, inputs: [GraphNode?]) {
        order = Self.counter.add(1, ordering: .relaxed).oldValue
        parameter = nil
        content = Mutex(Content(operation: operation, inputs: inputs))
    }

    /// A leaf.
    init(parameter: Parameter) {
        order = 0
        self.parameter = parameter
        content = Mutex(Content(operation: nil, inputs: []))
    }

    /// Where the inputs came from.
    var inputs: [GraphNode?] { content.withLock { $0.inputs } }

    /// The operation and its inputs; afterwards the node holds neither.
    func take() -> Content {
        content.withLock { content in
            defer { content = Content(operation: nil, inputs: []) }
            return content
        }
    }

    deinit {
        // Node by node: a chain of ten thousand would otherwise unwind the stack as deep.
        var waiting = take().inputs
        while !waiting.isEmpty {
            guard var node = waiting.removeLast() else { continue }
            if isKnownUniquelyReferenced(&node) { waiting += node.take().inputs }
        }
    }
}
