import Synchronization

/// A tensor that is learnt, or asked a derivative of: its value, and what the loss says about it.
public final class Parameter: Sendable {
    /// Its path in the model: `encoder.layers.0.fc1.weight`.
    public let name: String
    private let state: Mutex<State>

    private struct State: Sendable {
        var value: Tensor
        var gradient: Tensor?
        var isTrainable: Bool
    }

    /// - Parameters:
    ///   - name: its path in the model.
    ///   - value: contiguous float32 numbers.
    ///   - isTrainable: whether derivatives are found for it.
    public init(_ name: String, _ value: Tensor, isTrainable: Bool = true) {
        self.name = name
        state = Mutex(State(value: value.detached, isTrainable: isTrainable))
    }

    /// The value as an input of operations: derivatives through it arrive in ``gradient``.
    public var tensor: Tensor {
        // Made outside the lock: the node refers to the parameter without keeping it alive longer than the graph.
        let (value, isTrainable) = state.withLock { ($0.value, $0.isTrainable) }
        guard isTrainable, GradientMode.isRecording else { return value }
        return Tensor(storage: value.storage, layout: value.layout, node: GraphNode(parameter: self))
    }

    /// The value alone.
    ///
    /// Setting it replaces the memory; the shape stays the same.
    public var value: Tensor {
        get { state.withLock { $0.value } }
        set {
            precondition(newValue.shape == value.shape, "\(name): \(newValue.shape) replaces \(value.shape)")
            state.withLock { $0.value = newValue.detached }
        }
    }

    /// The sum of the derivatives since it was last set to nil.
    public var gradient: Tensor? {
        get { state.withLock { $0.gradient } }
        set { state.withLock { $0.gradient = newValue?.detached } }
    }

    /// Whether derivatives are found for it.
    ///
    /// A frozen parameter lets the graph end.
    public var isTrainable: Bool {
        get { state.withLock { $0.isTrainable } }
        set {
            state.withLock {
                $0.isTrainable = newValue
                if !newValue { $0.gradient = nil }
            }
        }
    }

    /// Its dimensions.
    public var shape: Shape { value.shape }

    /// Adds to the derivative, in place where there is one already.
    ///
    /// - Parameters:
    ///   - contribution: what is added.
    ///   - isOwned: whether the memory belongs to nobody else.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func accumulate(_ contribution: Tensor, isOwned: Bool) throws(TensorError) {
        if let gradient {
            try gradient.backend.addScaled(try contribution.contiguous(), 1, into: gradient)
        } else {
            gradient = isOwned && contribution.isContiguous ? contribution : try contribution.copied()
        }
    }
}
