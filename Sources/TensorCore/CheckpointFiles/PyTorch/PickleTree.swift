/// Turns what an ``Unpickler`` collected into a value, tensors included.
///
/// Containers become values once each and are shared from then on; one that contains itself is refused, and so is a
/// tree that would be too deep or, walked from its root, too large.
struct PickleTree {
    private let arena: [PickleContainer]
    private let path: String
    private let resolve: (PickleTensor) throws(CheckpointFileError) -> StoredTensor
    private var made: [Made?]
    private var isBeingMade: [Bool]

    private struct Made {
        var value: PickleValue
        /// Values in the tree below, itself included, and how deep it goes.
        var count: Int
        var depth: Int
    }

    /// Prepares to make values; `resolve` finds a tensor's bytes.
    init(
        _ arena: [PickleContainer],
        path: String,
        resolve: @escaping (PickleTensor) throws(CheckpointFileError) -> StoredTensor
    ) {
        self.arena = arena
        self.path = path
        self.resolve = resolve
        made = Array(repeating: nil, count: arena.count)
        isBeingMade = Array(repeating: false, count: arena.count)
    }

    mutating func value(of node: PickleNode) throws(CheckpointFileError) -> PickleValue {
        try make(node, depth: 0).value
    }

    private mutating func make(_ node: PickleNode, depth: Int) throws(CheckpointFileError) -> Made {
        switch node {
        case .none: return Made(value: .none, count: 1, depth: 1)
        case .bool(let value): return Made(value: .bool(value), count: 1, depth: 1)
        case .integer(let value): return Made(value: .integer(value), count: 1, depth: 1)
        case .bigInteger(let value): return Made(value: .bigInteger(value), count: 1, depth: 1)
        case .float(let value): return Made(value: .float(value), count: 1, depth: 1)
        case .string(let value): return Made(value: .string(value), count: 1, depth: 1)
        case .bytes(let value): return Made(value: .bytes(value), count: 1, depth: 1)
        case .device(let value): return Made(value: .device(value), count: 1, depth: 1)
        case .global(.elementType(let type)): return Made(value: .elementType(type), count: 1, depth: 1)
        case .global, .storage:
            throw .unsupported(
                path: path,
                at: .whole,
                reason: "\(node.kind) stands where a value should be",
                advice: "save tensors, not storages or types"
            )
        case .container(let index): return try make(index, depth: depth)
        }
    }

    private mutating func make(_ index: Int, depth: Int) throws(CheckpointFileError) -> Made {
        if let done = made[index] {
            try checkDepth(depth + done.depth)
            return done
        }
        guard !isBeingMade[index] else {
            throw .unsupported(
                path: path,
                at: .whole,
                reason: "a container contains itself",
                advice: "no checkpoint needs that; save only its tensors"
            )
        }
        try checkDepth(depth + 1)
        isBeingMade[index] = true
        var result = Made(value: .none, count: 1, depth: 1)
        switch arena[index] {
        case .list(let nodes): result.value = .list(try makeAll(nodes, depth, &result))
        case .tuple(let nodes): result.value = .tuple(try makeAll(nodes, depth, &result))
        case .tensor(let tensor): result.value = .tensor(try resolve(tensor))
        case .dictionary(let entries):
            var dictionary = PickleDictionary()
            for entry in entries {
                dictionary.set(try key(entry.key), try add(entry.value, depth, &result))
            }
            result.value = .dictionary(dictionary)
        }
        isBeingMade[index] = false
        made[index] = result
        return result
    }

    private mutating func makeAll(
        _ nodes: [PickleNode],
        _ depth: Int,
        _ parent: inout Made
    ) throws(CheckpointFileError) -> [PickleValue] {
        var values: [PickleValue] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try add(node, depth, &parent)) }
        return values
    }

    private mutating func add(
        _ node: PickleNode,
        _ depth: Int,
        _ parent: inout Made
    ) throws(CheckpointFileError) -> PickleValue {
        let child = try make(node, depth: depth + 1)
        parent.count += child.count
        parent.depth = max(parent.depth, child.depth + 1)
        guard parent.count <= Unpickler.Limits.valueCount else {
            throw .unsupported(
                path: path,
                at: .whole,
                reason:
                    "its containers, shared many times over, hold more than \(Unpickler.Limits.valueCount) values",
                advice: "no checkpoint needs that; save only its tensors"
            )
        }
        return child.value
    }

    private func checkDepth(_ depth: Int) throws(CheckpointFileError) {
        guard depth <= Unpickler.Limits.depth else {
            throw .unsupported(
                path: path,
                at: .whole,
                reason: "its containers are nested more than \(Unpickler.Limits.depth) deep",
                advice: "no checkpoint needs that; save only its tensors"
            )
        }
    }

    private func key(_ node: PickleNode) throws(CheckpointFileError) -> PickleDictionary.Key {
        switch node {
        case .none: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .string(let value): return .string(value)
        default:
            throw .unsupported(
                path: path,
                at: .whole,
                reason: "\(node.kind) is the key of a dictionary",
                advice: "texts and whole numbers are read as keys"
            )
        }
    }
}
