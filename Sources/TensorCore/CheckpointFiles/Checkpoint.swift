import Files

/// A model's checkpoint in any of the formats that are read here: its tensors by name, and what else was saved.
///
/// `best_final_stage1.pt` of a training run, `pytorch_model.bin` and `model.safetensors` of a published model open
/// alike. The format is told by the file's first bytes, not by its name.
public struct Checkpoint: Sendable {
    /// What kind of file it is.
    public enum Format: String, Sendable {
        case safetensors
        /// The zip archive of `torch.save`.
        case pytorchArchive = "PyTorch archive"
        /// The stream of pickles that `torch.save` wrote before version 1.6.
        case pytorchStream = "PyTorch stream"
    }

    /// The file; where a folder was given, the one in it.
    public let path: String
    /// What kind of file it is.
    public let format: Format
    /// How long the file is.
    public let byteCount: Int
    /// The model's tensors, in the order of the file, without the prefix `module.` of parallel training.
    public let tensors: [NamedTensor]
    /// What was saved besides: epoch, optimiser, schedule, …; empty for safetensors.
    public let state: PickleDictionary
    /// The texts of a safetensors file.
    public let metadata: [String: String]
    private let indices: [String: Int]
    private let pytorch: PyTorchFile?

    /// Where trainers keep the model in a dictionary of more.
    private static let modelKeys = ["model_state_dict", "state_dict", "model"]
    /// What published models are called in their folders, the better format first.
    private static let folderNames = ["model.safetensors", "pytorch_model.bin"]

    /// Opens a file; its tensors are pages of it, which are read when they are used.
    ///
    /// - Parameter path: a file, or the folder of a published model.
    /// - Throws: ``CheckpointFileError``.
    public init(_ path: String) throws(CheckpointFileError) {
        var path = path
        if FileIdentity.find(path)?.kind == .directory {
            let candidates = Self.folderNames.map { "\(path)/\($0)" }
            guard let file = candidates.first(where: { FileIdentity.find($0)?.kind == .file }) else {
                throw .unsupported(
                    path: path,
                    at: .whole,
                    reason: "a folder without \(Self.folderNames.joined(separator: " or "))",
                    advice: "give the file itself"
                )
            }
            path = file
        }
        try self.init(TensorBytes.mapping(path), path: path)
    }

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: for messages.
    /// - Throws: ``CheckpointFileError``.
    public init(_ bytes: TensorBytes, path: String) throws(CheckpointFileError) {
        self.path = path
        byteCount = bytes.count
        if Self.isSafetensors(bytes) {
            let file = try SafetensorsFile(bytes, path: path)
            (format, metadata, pytorch) = (.safetensors, file.metadata, nil)
            (tensors, state) = (Self.withoutParallelPrefix(file.tensors), PickleDictionary())
        } else if PyTorchFile.isArchive(bytes) || PyTorchFile.isStream(bytes) {
            let file = try PyTorchFile(bytes, path: path)
            (metadata, pytorch) = ([:], file)
            format = file.container == .archive ? .pytorchArchive : .pytorchStream
            let (found, rest) = try Self.model(in: file.root, path)
            (tensors, state) = (Self.withoutParallelPrefix(found), rest)
        } else {
            throw .unsupported(
                path: path,
                at: .whole,
                reason: bytes.count == 0
                    ? "the file is empty"
                    : "neither safetensors nor a file of torch.save, by its first bytes",
                advice:
                    "give a .safetensors, .pt or .bin file; a download may have saved an error page or a pointer"
            )
        }
        var indices: [String: Int] = [:]
        for (index, entry) in tensors.enumerated() where indices.updateValue(index, forKey: entry.name) != nil
        {
            throw .damaged(path: path, at: .name(entry.name), reason: "two tensors have this name")
        }
        self.indices = indices
    }

    /// The tensor of a name, or of one of the name's ``aliases(of:)``; nil where there is none.
    public subscript(name: String) -> StoredTensor? {
        for candidate in [name] + Self.aliases(of: name) {
            if let index = indices[candidate] { return tensors[index].tensor }
        }
        return nil
    }

    /// Compares every byte with the file's checksums, where it has any: those of PyTorch archives, and the one that
    /// voxsite puts into the metadata of its safetensors files.
    ///
    /// - Returns: whether there were checksums to compare with.
    /// - Throws: ``CheckpointFileError/damaged(path:at:reason:)``.
    @discardableResult
    public func verifyChecksums() throws(CheckpointFileError) -> Bool {
        if let pytorch { return try pytorch.verifyChecksums() }
        guard let written = metadata[ContentChecksum.key] else { return false }
        let found = ContentChecksum.hex(
            tensors.map { SafetensorsFile.Entry($0.name, $0.tensor) },
            metadata
        )
        guard written == found else {
            throw .damaged(
                path: path,
                at: .whole,
                reason:
                    "its contents are not what was written (checksum \(found) instead of "
                    + "\(CheckpointFileError.printable(written)))"
            )
        }
        return true
    }

    /// The SHA-256 of a file's bytes, as 64 lower-case hexadecimal digits.
    ///
    /// - Parameter path: any file.
    /// - Returns: the digest.
    /// - Throws: ``CheckpointFileError`` where it cannot be read.
    public static func sha256(ofFile path: String) throws(CheckpointFileError) -> String {
        let bytes = try TensorBytes.mapping(path)
        return unsafe bytes.withBytes(0..<bytes.count) { unsafe TensorDigest.sha256($0) }
    }

    /// How else a tensor may be called: the two spellings of weight normalisation.
    ///
    /// Published models say `weight_g` and `weight_v`, what current PyTorch saves says
    /// `parametrizations.weight.original0` and `…original1`; the tensors are the same.
    ///
    /// - Parameter name: a tensor's name.
    /// - Returns: the other spelling; empty for any other name.
    public static func aliases(of name: String) -> [String] {
        let spellings = [
            ("weight_g", "parametrizations.weight.original0"),
            ("weight_v", "parametrizations.weight.original1"),
        ]
        for (published, current) in spellings {
            for (from, to) in [(published, current), (current, published)] where name.hasSuffix(from) {
                let stem = name.dropLast(from.count)
                if stem.isEmpty || stem.hasSuffix(".") { return [stem + to] }
            }
        }
        return []
    }

    /// A header of JSON behind a length: the upper bytes of any length that is allowed are 0.
    private static func isSafetensors(_ bytes: TensorBytes) -> Bool {
        bytes.count > 8 && bytes.integer(at: 4, as: UInt32.self) == 0
            && bytes.integer(at: 8, as: UInt8.self) == UInt8(ascii: "{")
    }

    /// The model's dictionary, and what is left without it.
    private static func model(
        in root: PickleValue,
        _ path: String
    ) throws(CheckpointFileError) -> (tensors: [NamedTensor], state: PickleDictionary) {
        guard let dictionary = root.dictionary else { throw noTensors(path) }
        for key in modelKeys {
            guard let inner = dictionary[key]?.dictionary else { continue }
            let (tensors, rest) = split(inner)
            guard !tensors.isEmpty else { continue }
            let state = dictionary.entries.compactMap { entry -> PickleDictionary.Entry? in
                guard entry.key == .string(key) else { return entry }
                return rest.entries.isEmpty ? nil : .init(entry.key, .dictionary(rest))
            }
            return (tensors, PickleDictionary(state))
        }
        let (tensors, rest) = split(dictionary)
        guard !tensors.isEmpty else { throw noTensors(path) }
        return (tensors, rest)
    }

    private static func noTensors(_ path: String) -> CheckpointFileError {
        .unsupported(
            path: path,
            at: .whole,
            reason: "no dictionary of named tensors is in it",
            advice:
                "save model.state_dict(), or a dictionary with it under \(modelKeys.joined(separator: ", "))"
        )
    }

    private static func split(_ dictionary: PickleDictionary) -> ([NamedTensor], PickleDictionary) {
        var tensors: [NamedTensor] = []
        var rest: [PickleDictionary.Entry] = []
        for entry in dictionary.entries {
            if case .string(let name) = entry.key, let tensor = entry.value.tensor {
                tensors.append(NamedTensor(name, tensor))
            } else {
                rest.append(entry)
            }
        }
        return (tensors, PickleDictionary(rest))
    }

    private static func withoutParallelPrefix(_ tensors: [NamedTensor]) -> [NamedTensor] {
        let prefix = "module."
        guard tensors.allSatisfy({ $0.name.hasPrefix(prefix) }) else { return tensors }
        return tensors.map { NamedTensor(String($0.name.dropFirst(prefix.count)), $0.tensor) }
    }
}
