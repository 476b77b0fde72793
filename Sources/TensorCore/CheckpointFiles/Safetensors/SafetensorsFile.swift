/// A safetensors file, opened: a table of names over mapped bytes.
///
/// Eight bytes give the length of a JSON header, whose offsets count from its end; the data follows without holes.
/// Source: https://github.com/huggingface/safetensors, README, "Format".
public struct SafetensorsFile: Sendable {
    /// The longest header that is read, as in the reference implementation.
    static let maximumHeaderByteCount = 100_000_000

    /// Where it was opened.
    public let path: String
    /// All tensors, in the order of the header.
    public let tensors: [NamedTensor]
    /// The texts under `__metadata__`.
    public let metadata: [String: String]
    private let indices: [String: Int]

    /// Opens a file; its tensors are pages of it, which are read when they are used.
    ///
    /// - Parameter path: a regular file.
    /// - Throws: ``CheckpointFileError``.
    public init(_ path: String) throws(CheckpointFileError) {
        try self.init(TensorBytes.mapping(path), path: path)
    }

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: for messages.
    /// - Throws: ``CheckpointFileError``.
    public init(_ bytes: TensorBytes, path: String) throws(CheckpointFileError) {
        var reader = ByteReader(bytes, path: path)
        let length = try reader.integer(UInt64.self, "the header's length")
        guard length <= UInt64(Self.maximumHeaderByteCount) else {
            throw .damaged(
                path: path,
                at: .byte(0),
                reason: "a header of \(length) bytes is more than any needs"
            )
        }
        let text = try reader.array(length, "the header")
        let header = try SafetensorsHeader(text, path: path, start: 8)
        let dataStart = reader.position
        try Self.checkCoverage(header.entries, dataByteCount: reader.remaining, path)

        var tensors: [NamedTensor] = []
        var indices: [String: Int] = [:]
        for entry in header.entries {
            let storage = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
            do {
                let tensor = try StoredTensor(
                    bytes,
                    storage: storage,
                    elementType: entry.elementType,
                    shape: entry.shape
                )
                indices[entry.name] = tensors.count
                tensors.append(NamedTensor(entry.name, tensor))
            } catch {
                throw error.named(entry.name)
            }
        }
        self.path = path
        self.tensors = tensors
        self.indices = indices
        metadata = header.metadata
    }

    /// The tensor of a name; nil where there is none.
    public subscript(name: String) -> StoredTensor? { indices[name].map { tensors[$0].tensor } }

    /// The ranges must follow each other from 0 to the end of the file: what no tensor owns could be anything.
    private static func checkCoverage(
        _ entries: [SafetensorsHeader.Entry],
        dataByteCount: Int,
        _ path: String
    ) throws(CheckpointFileError) {
        let ordered = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var end = 0
        for entry in ordered {
            guard entry.range.upperBound <= dataByteCount else {
                throw .damaged(
                    path: path,
                    at: .name(entry.name),
                    reason:
                        "its bytes \(entry.range) lie beyond the file's end: \(dataByteCount) bytes of data are there"
                )
            }
            guard entry.range.lowerBound == end else {
                let fault =
                    entry.range.lowerBound < end
                    ? "overlap those of another tensor" : "leave a hole before them"
                throw .damaged(path: path, at: .name(entry.name), reason: "its bytes \(entry.range) \(fault)")
            }
            end = entry.range.upperBound
        }
        guard end == dataByteCount else {
            throw .damaged(
                path: path,
                at: .whole,
                reason: "\(dataByteCount - end) bytes at its end belong to no tensor"
            )
        }
    }
}

extension CheckpointFileError {
    /// The same, about a tensor whose name is now known.
    func named(_ name: String) -> CheckpointFileError {
        guard case .invalidTensor(_, let reason) = self else { return self }
        return .invalidTensor(name: name, reason: reason)
    }
}
