import Synchronization

/// Makes the parameters of a model, each at its path: the same constructors serve a new model and a loaded one.
///
/// A module's initialiser takes a builder, asks it for parameters by the names that PyTorch gives them, and passes
/// ``scoped(_:)`` builders on to its parts. Differences between a file and the model do not stop the construction;
/// ``finish()`` tells all of them at once.
///
/// Idea: candle's `VarBuilder`.
public struct ParameterBuilder: Sendable {
    private let store: Store
    private let prefix: String

    /// Makes new parameters.
    ///
    /// - Parameter seed: every number follows from it and from the parameter's path, so that adding a module changes
    ///   no other.
    /// - Returns: a builder at the root.
    public static func random(seed: UInt64) -> ParameterBuilder {
        ParameterBuilder(store: Store(source: nil, seed: seed), prefix: "")
    }

    /// Loads parameters.
    ///
    /// - Parameter source: where from.
    /// - Returns: a builder at the root.
    public static func loading(_ source: any ParameterSource) -> ParameterBuilder {
        ParameterBuilder(store: Store(source: source, seed: 0), prefix: "")
    }

    /// Loads what lies below one path, and makes all else new.
    ///
    /// - Parameters:
    ///   - source: where from; its names are without the path.
    ///   - path: of the part that is loaded: `frontend.wavlm`.
    ///   - seed: what the new numbers follow from.
    /// - Returns: a builder at the root.
    public static func loading(
        _ source: any ParameterSource,
        below path: String,
        seed: UInt64
    ) -> ParameterBuilder {
        let part = PrefixedSource(prefix: path + ".", source: source)
        return ParameterBuilder(store: Store(source: part, seed: seed, loadedPrefix: part.prefix), prefix: "")
    }

    /// A builder for a part of the model.
    ///
    /// - Parameter name: what the part is called: `encoder`, or a number in a list.
    /// - Returns: a builder whose paths begin with that name.
    public func scoped(_ name: some CustomStringConvertible) -> ParameterBuilder {
        ParameterBuilder(store: store, prefix: path("\(name)"))
    }

    private func path(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }

    /// A parameter.
    ///
    /// - Parameters:
    ///   - name: its name within this part.
    ///   - shape: its dimensions.
    ///   - initial: what a new one begins with.
    ///   - otherNames: how some files call it.
    /// - Returns: the parameter at its path; zeros where a file lacks it, which ``finish()`` tells.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public func parameter(
        _ name: String,
        _ shape: Shape,
        _ initial: Initialization,
        otherNames: [String] = []
    ) throws(TensorError) -> Parameter {
        try make(name, shape, .float32, initial, otherNames, isBuffer: false)
    }

    /// What belongs to the state of a model and is not learnt: running statistics.
    ///
    /// - Parameters:
    ///   - name: its name within this part.
    ///   - shape: its dimensions.
    ///   - initial: what a new one begins with.
    ///   - elementType: what one element is in files.
    /// - Returns: a parameter that is never trainable.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public func buffer(
        _ name: String,
        _ shape: Shape,
        _ initial: Initialization,
        _ elementType: ElementType = .float32
    ) throws(TensorError) -> Parameter {
        try make(name, shape, elementType, initial, [], isBuffer: true)
    }

    private func make(
        _ name: String,
        _ shape: Shape,
        _ elementType: ElementType,
        _ initial: Initialization,
        _ otherNames: [String],
        isBuffer: Bool
    ) throws(TensorError) -> Parameter {
        let path = path(name)
        let value = try store.value(path, shape, initial, otherNames.map { self.path($0) })
        let parameter = Parameter(path, try value.converted(to: elementType), isTrainable: !isBuffer)
        store.add(parameter, isBuffer: isBuffer)
        return parameter
    }

    /// Everything that was made below this path, in order; buffers are not among them.
    public var parameters: [Parameter] { store.all.filter { !$0.isBuffer && isBelow($0.0.name) }.map(\.0) }

    /// Everything that was made below this path and is not learnt, in order.
    public var buffers: [Parameter] { store.all.filter { $0.isBuffer && isBelow($0.0.name) }.map(\.0) }

    private func isBelow(_ path: String) -> Bool { prefix.isEmpty || path.hasPrefix(prefix + ".") }

    /// Ends the construction.
    ///
    /// - Parameter ignored: whether a tensor of the file that the model does not know is meant to be there.
    /// - Throws: ``TensorError/parameters(missing:extra:misshapen:)`` with every difference between file and model.
    public func finish(ignoring ignored: (String) -> Bool = { _ in false }) throws(TensorError) {
        let (missing, misshapen, extra) = store.differences()
        let unknown = extra.filter { !ignored($0) }
        guard missing.isEmpty, misshapen.isEmpty, unknown.isEmpty else {
            throw .parameters(missing: missing, extra: unknown, misshapen: misshapen)
        }
    }

    /// What all builders of one model share.
    private final class Store: Sendable {
        private struct State: Sendable {
            var made: [(Parameter, isBuffer: Bool)] = []
            var used: Set<String> = []
            var missing: [String] = []
            var misshapen: [String] = []
        }

        private let source: (any ParameterSource)?
        private let names: Set<String>
        private let seed: UInt64
        /// What lies elsewhere is new.
        private let loadedPrefix: String
        private let state = Mutex(State())

        init(source: (any ParameterSource)?, seed: UInt64, loadedPrefix: String = "") {
            self.source = source
            self.loadedPrefix = loadedPrefix
            names = Set(source?.names ?? [])
            self.seed = seed
        }

        var all: [(Parameter, isBuffer: Bool)] { state.withLock { $0.made } }

        func add(_ parameter: Parameter, isBuffer: Bool) {
            state.withLock { $0.made.append((parameter, isBuffer)) }
        }

        func value(
            _ path: String,
            _ shape: Shape,
            _ initial: Initialization,
            _ otherNames: [String]
        ) throws(TensorError) -> Tensor {
            guard let source, path.hasPrefix(loadedPrefix) else {
                var generator = RandomNumbers(seed: seed, path: path)
                return try Tensor(initial.values(shape, using: &generator), shape)
            }
            for name in [path] + otherNames {
                guard names.contains(name), let found = source.shape(of: name) else { continue }
                state.withLock { _ = $0.used.insert(name) }
                guard found == shape else {
                    state.withLock {
                        $0.misshapen.append("\(name): \(found) in the file, \(shape) in the model")
                    }
                    return try Tensor.zeros(shape)
                }
                return try source.tensor(name).converted(to: .float32)
            }
            state.withLock { $0.missing.append("\(path) \(shape)") }
            return try Tensor.zeros(shape)
        }

        func differences() -> (missing: [String], misshapen: [String], extra: [String]) {
            let names = source?.names ?? []
            return state.withLock { state in
                (state.missing, state.misshapen, names.filter { !state.used.contains($0) })
            }
        }
    }
}

/// A source whose names get a prefix.
private struct PrefixedSource: ParameterSource {
    let prefix: String
    let source: any ParameterSource

    var names: [String] { source.names.map { prefix + $0 } }
    func shape(of name: String) -> Shape? { source.shape(of: String(name.dropFirst(prefix.count))) }
    func tensor(_ name: String) throws(TensorError) -> Tensor {
        try source.tensor(String(name.dropFirst(prefix.count)))
    }
}

extension RandomNumbers {
    /// Numbers that follow from a seed and a path, whose FNV-1a hash is the place in the run.
    fileprivate init(seed: UInt64, path: String) {
        let stream = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        self.init(seed: seed, stream: stream)
    }
}
