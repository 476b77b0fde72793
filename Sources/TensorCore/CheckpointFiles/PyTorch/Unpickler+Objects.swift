// The instructions that make objects in Python. Here each makes one of a few values, by its own rule.

extension Unpickler {
    mutating func pushGlobal() throws(CheckpointFileError) {
        let module = try globalName()
        let name = try globalName()
        try pushGlobal(module, name)
    }

    private mutating func globalName() throws(CheckpointFileError) -> String {
        let bytes = try nextLine()
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func pushStackGlobal() throws(CheckpointFileError) {
        guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
            throw damage("a name that is no text")
        }
        try pushGlobal(module, name)
    }

    private mutating func pushGlobal(_ module: String, _ name: String) throws(CheckpointFileError) {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw refused("\(module).\(name)")
        }
        try push(.global(global))
    }

    /// Calls what is below the arguments, in Python; here, one of the rules of ``PickleGlobal``.
    mutating func reduce() throws(CheckpointFileError) {
        guard let arguments = tuple(try pop()) else { throw damage("arguments that are no tuple") }
        guard case .global(let global) = try pop() else {
            throw refused("a call of something without a name")
        }
        switch global {
        case .orderedDictionary: try push(try orderedDictionary(arguments))
        case .rebuildTensor: try push(try tensor(arguments))
        case .rebuildParameter:
            guard arguments.count == 3, case .container(let index) = arguments[0], case .tensor = arena[index]
            else {
                throw damage("a parameter without a tensor")
            }
            try push(arguments[0])
        case .size:
            guard arguments.count == 1, let sizes = tuple(arguments[0]) ?? list(arguments[0]) else {
                throw damage("a torch.Size without sizes")
            }
            try push(.tuple(sizes))
        case .device: try push(.device(try device(arguments)))
        case .encode: try push(.bytes(try encoded(arguments)))
        case .elementType, .storage: throw refused("a call of a type")
        }
    }

    /// In Python, sets attributes of an object.
    ///
    /// An ordered dictionary has some (`_metadata`, the versions of the
    /// modules), which nobody needs here.
    mutating func build() throws(CheckpointFileError) {
        let state = try pop()
        let target = try pop()
        guard case .container(let index) = target, case .dictionary = arena[index],
            case .container(let stateIndex) = state, case .dictionary = arena[stateIndex]
        else { throw refused("setting attributes of \(target.kind)") }
        try push(target)
    }

    /// `('storage', type, key, location, number of elements)`; files of before 1.6 add a view, which is None.
    mutating func pushStorage() throws(CheckpointFileError) {
        guard let parts = tuple(try pop()), parts.count == 5 || parts.count == 6,
            case .string("storage") = parts[0], case .string(let key) = parts[2], case .string = parts[3],
            case .integer(let count) = parts[4], count >= 0
        else { throw damage("a reference to something that is no storage") }
        guard case .global(.storage(let elementType)) = parts[1] else {
            throw refused("a storage of unknown type")
        }
        if parts.count == 6 {
            guard case .none = parts[5] else { throw refused("a view of a storage, of PyTorch before 0.4") }
        }
        try push(.storage(PickleStorage(elementType: elementType, key: key, elementCount: count)))
    }

    // MARK: - Rules

    private func tuple(_ node: PickleNode) -> [PickleNode]? {
        guard case .container(let index) = node, case .tuple(let nodes) = arena[index] else { return nil }
        return nodes
    }

    private func list(_ node: PickleNode) -> [PickleNode]? {
        guard case .container(let index) = node, case .list(let nodes) = arena[index] else { return nil }
        return nodes
    }

    /// Empty, or made of a list of pairs.
    private mutating func orderedDictionary(
        _ arguments: [PickleNode]
    ) throws(CheckpointFileError) -> PickleContainer {
        guard let first = arguments.first else { return .dictionary([]) }
        guard arguments.count == 1, let pairs = list(first) else {
            throw damage("a dictionary of something else than pairs")
        }
        try charge(pairs.count)
        var entries: [(key: PickleNode, value: PickleNode)] = []
        for pair in pairs {
            guard let parts = tuple(pair) ?? list(pair), parts.count == 2 else {
                throw damage("a dictionary of something else than pairs")
            }
            entries.append((parts[0], parts[1]))
        }
        return .dictionary(entries)
    }

    /// `(storage, offset, sizes, strides, requires_grad, hooks[, metadata])`; what belongs to training is ignored.
    private func tensor(_ arguments: [PickleNode]) throws(CheckpointFileError) -> PickleContainer {
        guard arguments.count == 6 || arguments.count == 7, case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
            let strides = integers(arguments[3])
        else { throw damage("a tensor without storage, offset, sizes and strides") }
        return .tensor(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides))
    }

    private func integers(_ node: PickleNode) -> [Int]? {
        guard let nodes = tuple(node), nodes.count <= TensorLayout.maximumRank else { return nil }
        var numbers: [Int] = []
        for node in nodes {
            guard case .integer(let number) = node else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    private func device(_ arguments: [PickleNode]) throws(CheckpointFileError) -> String {
        guard (1...2).contains(arguments.count), case .string(let kind) = arguments[0] else {
            throw damage("a device without a name")
        }
        guard arguments.count == 2 else { return kind }
        guard case .integer(let index) = arguments[1] else { throw damage("a device whose number is none") }
        return "\(kind):\(index)"
    }

    private mutating func encoded(_ arguments: [PickleNode]) throws(CheckpointFileError) -> [UInt8] {
        guard arguments.count == 2, case .string(let text) = arguments[0],
            case .string(let coding) = arguments[1],
            coding == "latin1" || coding == "latin-1"
        else { throw refused("_codecs.encode of anything but latin1") }
        try charge(text.utf8.count / MemoryLayout<PickleNode>.size)
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { throw damage("bytes beyond U+00FF") }
            bytes.append(byte)
        }
        return bytes
    }
}
