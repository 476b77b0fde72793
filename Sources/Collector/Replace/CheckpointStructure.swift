public import Files

/// What a checkpoint file is inside.
public enum CheckpointFormat: String, Sendable, Hashable, Codable {
    /// A zip archive: `torch.save` since version 1.6, `numpy.savez`.
    case zip
    /// A header and raw tensors.
    case safetensors
    /// A pickle: `torch.save` before version 1.6; nothing in it tells whether it is whole.
    case pickle
}

/// Examines checkpoints, by their name and their first bytes.
public enum CheckpointStructure {
    /// Whether a file has a checkpoint's name.
    ///
    /// - Parameter path: any path.
    /// - Returns: true for `.pt`, `.pth`, `.ckpt`, `.bin`, `.safetensors` and `.npz`.
    public static func isCheckpoint(_ path: RelativePath) -> Bool { names.contains(ending(of: path)) }

    /// Weights never match block for block: the delta would cost and give nothing.
    static func isWeights(_ path: RelativePath) -> Bool { isCheckpoint(path) }

    private static let names: Set<String> = ["pt", "pth", "ckpt", "bin", "safetensors", "npz"]

    /// An empty file of these names is one that is about to be written.
    private static let neverEmpty: Set<String> = ["pt", "pth", "ckpt", "safetensors", "npz"]

    private static func ending(of path: RelativePath) -> String {
        let name = path.lastComponent
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return name[name.utf8.index(after: dot)...].lowercased()
    }

    /// The format, by the name where it is certain and else by the first bytes; nil for anything else.
    private static func format(
        _ reader: StructureReader,
        name: RelativePath
    ) async throws -> CheckpointFormat? {
        if ending(of: name) == "safetensors" { return .safetensors }
        let start = try await reader.bytes(at: 0, count: min(4, reader.size))
        if start.bytes.starts(with: Array("PK".utf8)) { return .zip }
        // PROTO, then the protocol's number: the first opcode of every pickle since protocol 2 (pickle.py).
        if start.bytes.count >= 2, start.bytes[0] == 0x80, (2...5).contains(start.bytes[1]) { return .pickle }
        return nil
    }

    /// Looks at what shows a half-written checkpoint cheaply, before it is pulled.
    ///
    /// - Parameters:
    ///   - path: the file, below the transport's root.
    ///   - transport: where it is.
    ///   - size: its length.
    ///   - isRequired: whether something that is no checkpoint is an error.
    /// - Returns: its format; nil where it has no checkpoint's name, or nothing in it tells.
    /// - Throws: ``CollectorError/verification(_:reason:)`` where it is not finished.
    public static func probe(
        _ path: RelativePath,
        on transport: any Transport,
        size: Int,
        isRequired: Bool = false
    ) async throws -> CheckpointFormat? {
        guard isCheckpoint(path) else { return nil }
        let reader = StructureReader(transport: transport, path: path, size: size)
        if size == 0, isRequired || neverEmpty.contains(ending(of: path)) {
            throw reader.defect(
                "it is empty: its writer has only begun; it is tried again when it is finished"
            )
        }
        let format = try await format(reader, name: path)
        switch format {
        case .zip: try await ZipStructure.probe(reader)
        case .safetensors: _ = try await SafetensorsStructure.verify(reader)
        case .pickle: break
        case nil:
            if isRequired {
                throw reader.defect("it is neither a zip archive nor a pickle: it is no checkpoint")
            }
        }
        return format
    }

    /// Examines a whole checkpoint.
    ///
    /// - Parameters:
    ///   - path: the file, below the transport's root.
    ///   - transport: where it is; all of it is read where it notes checksums.
    ///   - size: its length.
    ///   - name: what its format is told by, where `path` has another ending.
    ///   - checksums: whether the contents are read, too.
    /// - Returns: what is known then.
    /// - Throws: ``CollectorError/verification(_:reason:)`` where it is damaged.
    public static func verify(
        _ path: RelativePath,
        on transport: any Transport,
        size: Int,
        name: RelativePath? = nil,
        checksums: Bool = true
    ) async throws -> VerificationLevel {
        guard isCheckpoint(name ?? path) else { return .sizeOnly }
        let reader = StructureReader(transport: transport, path: path, size: size)
        return switch try await format(reader, name: name ?? path) {
        case .zip: try await ZipStructure.verify(reader, checksums: checksums)
        case .safetensors: try await SafetensorsStructure.verify(reader)
        case .pickle, nil: .sizeOnly
        }
    }
}
