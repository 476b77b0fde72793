/// Reads one pickle, as a table of values: the only instructions it knows make plain values, containers and
/// descriptions of tensors, and no name in it is ever called.
///
/// Source: CPython, Lib/pickle.py and Lib/pickletools.py; PyTorch, torch/serialization.py and torch/_utils.py.
struct Unpickler {
    /// Bounds on what a file can make this process use.
    enum Limits {
        static let pickleByteCount = 64 << 20
        /// Values altogether, also those that are shared and would be counted again.
        static let valueCount = 4 << 20
        static let depth = 100
        static let bigIntegerByteCount = 255
    }

    private(set) var reader: ByteReader
    private var stack: [PickleNode] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleNode] = [:]
    private(set) var arena: [PickleContainer] = []
    private var valueCount = 0
    /// Where the instruction began that is being carried out.
    private var instructionStart = 0

    init(_ reader: ByteReader) { self.reader = reader }

    /// Reads up to the end of the pickle.
    ///
    /// - Returns: its value, whose containers are in ``arena``.
    mutating func run() throws(CheckpointFileError) -> PickleNode {
        let start = reader.position
        while true {
            instructionStart = reader.position
            guard instructionStart - start <= Limits.pickleByteCount else {
                throw tooLarge("the pickle is longer than \(Limits.pickleByteCount) bytes")
            }
            let byte = try reader.byte("a pickle")
            guard let opcode = PickleOpcode(rawValue: byte) else {
                if let name = PickleOpcode.refusedName(byte) {
                    throw refused("the pickle instruction \(name)")
                }
                throw damage("0x\(String(byte, radix: 16)) is no pickle instruction")
            }
            if opcode == .stop {
                guard stack.count == 1, marks.isEmpty else {
                    throw damage("the pickle ends with values left over")
                }
                return try pop()
            }
            try execute(opcode)
        }
    }

    private mutating func execute(_ opcode: PickleOpcode) throws(CheckpointFileError) {
        switch opcode {
        case .stop: break
        case .proto:
            let version = try reader.byte("a pickle")
            guard (2...5).contains(version) else {
                throw .unsupported(
                    path: reader.path,
                    at: .byte(instructionStart),
                    reason: "pickle protocol \(version) is not read here",
                    advice: "save it again with torch.save of any version since 0.4"
                )
            }
        case .frame: _ = try reader.skip(8, "a pickle")
        case .mark: marks.append(stack.count)
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .binInt: try push(.integer(Int(try reader.integer(Int32.self, "a number"))))
        case .binInt1: try push(.integer(Int(try reader.byte("a number"))))
        case .binInt2: try push(.integer(Int(try reader.integer(UInt16.self, "a number"))))
        case .long1: try pushLong(byteCount: Int(try reader.byte("a number")))
        case .long4: try pushLong(byteCount: Int(try reader.integer(Int32.self, "a number")))
        case .binFloat:
            let bits = try reader.integer(UInt64.self, "a number")
            try push(.float(Double(bitPattern: bits.byteSwapped)))
        case .shortBinString, .shortBinUnicode: try pushText(try reader.byte("a text"))
        case .binUnicode: try pushText(try reader.integer(UInt32.self, "a text"))
        case .binUnicode8: try pushText(try reader.integer(UInt64.self, "a text"))
        case .shortBinBytes: try pushBytes(try reader.byte("bytes"))
        case .binBytes: try pushBytes(try reader.integer(UInt32.self, "bytes"))
        case .binBytes8: try pushBytes(try reader.integer(UInt64.self, "bytes"))
        case .emptyTuple: try push(.tuple([]))
        case .tuple: try push(.tuple(try popToMark()))
        case .tuple1: try push(.tuple(try pop(1)))
        case .tuple2: try push(.tuple(try pop(2)))
        case .tuple3: try push(.tuple(try pop(3)))
        case .emptyList: try push(.list([]))
        case .append: try append(try pop(1))
        case .appends: try append(try popToMark())
        case .emptyDict: try push(.dictionary([]))
        case .setItem: try setItems(try pop(2))
        case .setItems: try setItems(try popToMark())
        case .binGet: try get(Int(try reader.byte("a pickle")))
        case .longBinGet: try get(Int(try reader.integer(UInt32.self, "a pickle")))
        case .binPut: try put(Int(try reader.byte("a pickle")))
        case .longBinPut: try put(Int(try reader.integer(UInt32.self, "a pickle")))
        case .memoize: try put(memo.count)
        case .global: try pushGlobal()
        case .stackGlobal: try pushStackGlobal()
        case .reduce: try reduce()
        case .build: try build()
        case .binPersID: try pushStorage()
        }
    }
}

// MARK: - The stack

extension Unpickler {
    func damage(_ reason: String) -> CheckpointFileError {
        .damaged(path: reader.path, at: .byte(instructionStart), reason: reason)
    }

    func refused(_ what: String) -> CheckpointFileError {
        .refused(path: reader.path, at: .byte(instructionStart), what: what)
    }

    private func tooLarge(_ reason: String) -> CheckpointFileError {
        .unsupported(
            path: reader.path,
            at: .byte(instructionStart),
            reason: reason,
            advice: "no checkpoint needs that; save only its tensors, as safetensors"
        )
    }

    mutating func push(_ node: PickleNode) throws(CheckpointFileError) {
        try charge(1)
        stack.append(node)
    }

    /// Counts values before they are made: a few bytes that copy what is remembered must not fill the memory.
    mutating func charge(_ count: Int) throws(CheckpointFileError) {
        valueCount += count
        guard valueCount <= Limits.valueCount else {
            throw tooLarge("it holds more than \(Limits.valueCount) values")
        }
    }

    mutating func push(_ container: PickleContainer) throws(CheckpointFileError) {
        arena.append(container)
        try push(.container(arena.count - 1))
    }

    /// Values below the last mark are out of reach until the mark is taken.
    private var reachableCount: Int { stack.count - (marks.last ?? 0) }

    mutating func pop() throws(CheckpointFileError) -> PickleNode {
        guard reachableCount > 0, let node = stack.popLast() else {
            throw damage("an instruction wants a value that is not there")
        }
        return node
    }

    private mutating func pop(_ count: Int) throws(CheckpointFileError) -> [PickleNode] {
        guard reachableCount >= count else {
            throw damage("an instruction wants \(count) values that are not there")
        }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(CheckpointFileError) -> [PickleNode] {
        guard let mark = marks.popLast() else {
            throw damage("an instruction wants a mark that is not there")
        }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func get(_ index: Int) throws(CheckpointFileError) {
        guard let node = memo[index] else { throw damage("value \(index) was never remembered") }
        try push(node)
    }

    private mutating func put(_ index: Int) throws(CheckpointFileError) {
        guard reachableCount > 0, let node = stack.last else { throw damage("there is no value to remember") }
        memo[index] = node
    }

    private mutating func append(_ nodes: [PickleNode]) throws(CheckpointFileError) {
        guard reachableCount > 0, case .container(let index)? = stack.last,
            case .list(var list) = arena[index]
        else { throw damage("an element for what is no list") }
        arena[index] = .tuple([])  // so that `list` is the only owner and grows in place
        list.append(contentsOf: nodes)
        arena[index] = .list(list)
    }

    private mutating func setItems(_ nodes: [PickleNode]) throws(CheckpointFileError) {
        guard reachableCount > 0, case .container(let index)? = stack.last,
            case .dictionary(var entries) = arena[index]
        else { throw damage("an entry for what is no dictionary") }
        guard nodes.count.isMultiple(of: 2) else { throw damage("a key without a value") }
        arena[index] = .tuple([])
        for position in stride(from: 0, to: nodes.count, by: 2) {
            entries.append((nodes[position], nodes[position + 1]))
        }
        arena[index] = .dictionary(entries)
    }

    private mutating func pushText(_ length: some BinaryInteger) throws(CheckpointFileError) {
        try push(.string(try reader.text(length, "a text")))
    }

    private mutating func pushBytes(_ length: some BinaryInteger) throws(CheckpointFileError) {
        try push(.bytes(try reader.array(length, "bytes")))
    }

    /// A name up to the end of its line.
    mutating func nextLine() throws(CheckpointFileError) -> [UInt8] { try reader.line("a name") }

    /// A two's complement number of any length, least significant byte first.
    private mutating func pushLong(byteCount: Int) throws(CheckpointFileError) {
        guard byteCount <= Limits.bigIntegerByteCount else {
            throw tooLarge("a number of \(byteCount) bytes")
        }
        let bytes = try reader.array(byteCount, "a number")
        try push(PickleInteger.node(bytes))
    }
}
