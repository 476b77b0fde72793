/// What is in a checkpoint, for people and for programs.
public struct CheckpointReport: Sendable {
    private let checkpoint: Checkpoint
    private let hashes: [String]?

    /// Looks at a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpoint: an open file.
    ///   - hashing: whether to read all of it: its checksums are compared, and each tensor gets its SHA-256.
    /// - Throws: ``CheckpointFileError/damaged(path:at:reason:)`` where a checksum does not match.
    public init(_ checkpoint: Checkpoint, hashing: Bool = false) throws(CheckpointFileError) {
        self.checkpoint = checkpoint
        if hashing { try checkpoint.verifyChecksums() }
        hashes = hashing ? checkpoint.tensors.map(\.tensor.sha256) : nil
    }

    /// How many numbers the model learns: those of floating-point tensors but batch norm's running statistics.
    public var parameterCount: Int {
        checkpoint.tensors.reduce(0) { sum, entry in
            let isStatistic = entry.name.hasSuffix("running_mean") || entry.name.hasSuffix("running_var")
            return sum
                + (entry.tensor.elementType.isFloatingPoint && !isStatistic ? entry.tensor.elementCount : 0)
        }
    }

    /// How many bytes the tensors' elements take.
    public var tensorByteCount: Int { checkpoint.tensors.reduce(0) { $0 + $1.tensor.byteCount } }

    /// Lines for a terminal: the tensors, their sum, what else was saved.
    public var table: String {
        let path = CheckpointFileError.printable(checkpoint.path)
        var lines = ["\(path): \(checkpoint.format.rawValue), \(checkpoint.byteCount) bytes"]
        let rows = checkpoint.tensors.enumerated().map { index, entry in
            let shape = "[" + entry.tensor.shape.map(String.init).joined(separator: ", ") + "]"
            let row = [CheckpointFileError.printable(entry.name), entry.tensor.elementType.rawValue, shape]
            return hashes.map { row + [String($0[index].prefix(16))] } ?? row
        }
        if !rows.isEmpty { lines += ["", TextTable(rows).text] }
        let noun = checkpoint.tensors.count == 1 ? "tensor" : "tensors"
        lines += [
            "",
            "\(checkpoint.tensors.count) \(noun), \(parameterCount) parameters, \(tensorByteCount) bytes",
        ]
        let texts = checkpoint.metadata.sorted { $0.key < $1.key }.map {
            [CheckpointFileError.printable($0.key), CheckpointFileError.printable($0.value)]
        }
        let state = StateSummary(checkpoint.state).rows
        if !(texts + state).isEmpty { lines += ["", TextTable(texts + state).text] }
        return lines.joined(separator: "\n")
    }

    /// One JSON object: `path`, `format`, `byteCount`, `parameterCount`, `tensors`, `metadata`, `state`.
    ///
    /// NaN and infinities are texts, tensors of the state are described by type and shape.
    public var json: String {
        var writer = JSONText()
        writer.object { writer in
            writer.member("path") { $0.string(checkpoint.path) }
            writer.member("format") { $0.string(checkpoint.format.rawValue) }
            writer.member("byteCount") { $0.raw("\(checkpoint.byteCount)") }
            writer.member("parameterCount") { $0.raw("\(parameterCount)") }
            writer.member("tensorByteCount") { $0.raw("\(tensorByteCount)") }
            writer.member("tensors") { writer in
                writer.array(Array(checkpoint.tensors.enumerated())) { writer, element in
                    writer.object { writer in
                        writer.member("name") { $0.string(element.element.name) }
                        writer.describe(element.element.tensor)
                        if let hashes { writer.member("sha256") { $0.string(hashes[element.offset]) } }
                    }
                }
            }
            writer.member("metadata") { writer in
                writer.object { writer in
                    for (key, text) in checkpoint.metadata.sorted(by: { $0.key < $1.key }) {
                        writer.member(key) { $0.string(text) }
                    }
                }
            }
            writer.member("state") { $0.value(.dictionary(checkpoint.state)) }
        }
        return writer.text
    }
}
