/// The zip archive that `torch.save` has written since version 1.6.
struct PyTorchArchive {
    private let archive: ZipArchive
    /// The folder that all members lie in, with its slash: `checkpoint/`.
    private let folder: String
    private let pickle: ZipArchive.Member

    init(_ archive: ZipArchive) throws(CheckpointFileError) {
        let suffix = "data.pkl"
        let pickles = archive.members.filter { member in
            member.name.hasSuffix("/" + suffix) && member.name.utf8.count { $0 == UInt8(ascii: "/") } == 1
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw .unsupported(
                path: archive.path,
                at: .whole,
                reason: "a zip archive without exactly one data.pkl in one folder, so not by torch.save",
                advice: "give the file that torch.save wrote"
            )
        }
        self.archive = archive
        self.pickle = pickle
        folder = String(pickle.name.dropLast(suffix.count))
        try checkKind()
    }

    private func checkKind() throws(CheckpointFileError) {
        guard archive["\(folder)constants.pkl"] == nil else {
            throw .unsupported(
                path: archive.path,
                at: .name("\(folder)constants.pkl"),
                reason: "this is a TorchScript program, not a checkpoint",
                advice: "save the state_dict() of the model with torch.save"
            )
        }
        if let order = archive["\(folder)byteorder"] {
            try archive.verify(order)
            guard archive.bytes.copy(order.range) == Array("little".utf8) else {
                throw .unsupported(
                    path: archive.path,
                    at: .name(order.name),
                    reason: "its numbers are big-endian",
                    advice: "save it again on a little-endian machine"
                )
            }
        }
    }

    /// Reads the pickle and finds the storages it refers to.
    func root() throws(CheckpointFileError) -> PickleValue {
        try archive.verify(pickle)
        var unpickler = Unpickler(ByteReader(archive.bytes, pickle.range, path: archive.path))
        let node = try unpickler.run()
        guard unpickler.reader.remaining == 0 else {
            throw unpickler.reader.damage("bytes after the pickle's end")
        }
        var tree = PickleTree(unpickler.arena, path: archive.path) { tensor throws(CheckpointFileError) in
            try self.tensor(tensor)
        }
        return try tree.value(of: node)
    }

    private func tensor(_ description: PickleTensor) throws(CheckpointFileError) -> StoredTensor {
        let storage = description.storage
        let name = "\(folder)data/\(storage.key)"
        guard let member = archive[name] else {
            throw .damaged(
                path: archive.path,
                at: .name(name),
                reason: "a tensor's storage is not in the archive"
            )
        }
        let (byteCount, overflows) = storage.elementCount.multipliedReportingOverflow(
            by: storage.elementType.byteCount
        )
        guard !overflows, byteCount == member.byteCount else {
            throw .damaged(
                path: archive.path,
                at: .name(name),
                reason: "\(member.byteCount) bytes are there for \(storage.elementCount) elements of "
                    + storage.elementType.rawValue
            )
        }
        return try StoredTensor(description, archive.bytes, member.range, path: archive.path, name: name)
    }
}

extension StoredTensor {
    /// The tensor that a pickle describes, as a view of its storage's bytes.
    init(
        _ description: PickleTensor,
        _ owner: TensorBytes,
        _ range: Range<Int>,
        path: String,
        name: String
    ) throws(CheckpointFileError) {
        do {
            try self.init(
                owner,
                storage: range,
                elementType: description.storage.elementType,
                shape: description.shape,
                strides: description.strides,
                offset: description.offset
            )
        } catch {
            guard case .invalidTensor(_, let reason) = error else { throw error }
            throw .damaged(
                path: path,
                at: .name(name),
                reason: "a tensor does not fit its storage: \(reason)"
            )
        }
    }
}
