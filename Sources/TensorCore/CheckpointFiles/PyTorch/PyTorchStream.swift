/// What `torch.save` wrote before version 1.6: five pickles (a magic number, a version, the machine, the value, the
/// keys of the storages), then each storage as its number of elements and its bytes.
struct PyTorchStream {
    private static let magic = "119547037146038801333356"
    private static let version = 1001

    private let bytes: TensorBytes
    private let path: String

    init(_ bytes: TensorBytes, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// Reads all parts.
    func root() throws(CheckpointFileError) -> PickleValue {
        var reader = ByteReader(bytes, path: path)
        guard case .bigInteger(Self.magic) = try plainValue(&reader) else {
            throw .damaged(path: path, at: .byte(0), reason: "it does not begin with PyTorch's magic number")
        }
        guard case .integer(Self.version) = try plainValue(&reader) else {
            throw unsupported(reader, "a version of the format that is not \(Self.version)")
        }
        guard try plainValue(&reader)["little_endian"]?.bool == true else {
            throw unsupported(reader, "it does not say that its numbers are little-endian")
        }
        var unpickler = Unpickler(reader)
        let node = try unpickler.run()
        reader = unpickler.reader

        let storages = try storages(&reader, unpickler.arena)
        var tree = PickleTree(unpickler.arena, path: path) { tensor throws(CheckpointFileError) in
            let key = tensor.storage.key
            guard let range = storages[key] else {
                throw .damaged(path: path, at: .name(key), reason: "a tensor's storage is not in the file")
            }
            return try StoredTensor(tensor, bytes, range, path: path, name: key)
        }
        return try tree.value(of: node)
    }

    /// A pickle without tensors.
    private func plainValue(_ reader: inout ByteReader) throws(CheckpointFileError) -> PickleValue {
        var unpickler = Unpickler(reader)
        let node = try unpickler.run()
        reader = unpickler.reader
        var tree = PickleTree(unpickler.arena, path: path) { tensor throws(CheckpointFileError) in
            throw .damaged(
                path: path,
                at: .name(tensor.storage.key),
                reason: "a tensor before the storages' time"
            )
        }
        return try tree.value(of: node)
    }

    /// Where each storage's bytes lie, by key.
    private func storages(
        _ reader: inout ByteReader,
        _ arena: [PickleContainer]
    ) throws(CheckpointFileError) -> [String: Range<Int>] {
        var described: [String: PickleStorage] = [:]
        for case .tensor(let tensor) in arena {
            let storage = tensor.storage
            guard described.updateValue(storage, forKey: storage.key).map({ $0 == storage }) ?? true else {
                throw .damaged(path: path, at: .name(storage.key), reason: "a storage of two types or sizes")
            }
        }
        let keysStart = reader.position
        guard let keys = try plainValue(&reader).elements else {
            throw .damaged(
                path: path,
                at: .byte(keysStart),
                reason: "the keys of the storages should be here"
            )
        }
        var ranges: [String: Range<Int>] = [:]
        for key in keys {
            let start = reader.position
            guard case .string(let key) = key, ranges[key] == nil, let storage = described[key] else {
                throw .damaged(
                    path: path,
                    at: .byte(keysStart),
                    reason: "a storage's key is unknown or there twice"
                )
            }
            let count = try reader.integer(Int64.self, "a storage's size")
            let (byteCount, overflows) = storage.elementCount.multipliedReportingOverflow(
                by: storage.elementType.byteCount
            )
            guard !overflows, count == Int64(storage.elementCount) else {
                throw .damaged(
                    path: path,
                    at: .byte(start),
                    reason: "a storage has another size than its tensors say"
                )
            }
            ranges[key] = try reader.skip(byteCount, "a storage")
        }
        guard reader.remaining == 0 else { throw reader.damage("bytes after the last storage") }
        return ranges
    }

    private func unsupported(_ reader: ByteReader, _ reason: String) -> CheckpointFileError {
        .unsupported(
            path: path,
            at: .byte(reader.position),
            reason: reason,
            advice: "load it in PyTorch and save it again"
        )
    }
}
