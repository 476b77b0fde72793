import Files

/// One checksum over all that a safetensors file says: tensors with names, types and shapes, and texts.
///
/// The format has none of its own: a flipped bit in a weight is a weight like any other. It is a text of the metadata, so
/// that every reader of the format reads the file as before.
enum ContentChecksum {
    /// The text's key; it is not part of what the checksum is over.
    static let key = "voxsite.xxh3"

    /// The checksum of a file's contents, the same in whatever order they lie there.
    ///
    /// Of every tensor and text the name, and XXH3 of what it holds; and XXH3 of all those lines, sorted by name. About as
    /// fast as the bytes are read.
    ///
    /// - Parameters:
    ///   - entries: all tensors, as they are stored.
    ///   - metadata: all texts.
    /// - Returns: 32 hexadecimal digits.
    static func hex(_ entries: [SafetensorsFile.Entry], _ metadata: [String: String]) -> String {
        var lines: [(name: String, line: String)] = []
        for entry in entries {
            let type = entry.storedType.safetensorsName
            let shape = entry.tensor.shape.map(String.init).joined(separator: ",")
            lines.append((entry.name, "tensor \(quoted(entry.name)) \(type) [\(shape)] \(hash(entry))"))
        }
        for (key, text) in metadata where key != Self.key {
            lines.append((key, "text \(quoted(key)) \(ContentHash(Array(text.utf8)))"))
        }
        // By code points, which no locale or normal form changes; a tensor and a text of one name differ in the line.
        lines.sort { left, right in
            let (first, second) = (Array(left.name.utf8), Array(right.name.utf8))
            return first == second
                ? left.line.utf8.lexicographicallyPrecedes(right.line.utf8)
                : first.lexicographicallyPrecedes(second)
        }
        return ContentHash(Array(lines.map(\.line).joined(separator: "\n").utf8)).hex
    }

    private static func hash(_ entry: SafetensorsFile.Entry) -> ContentHash {
        guard entry.storedType == entry.tensor.elementType else {
            return ContentHash(entry.tensor.bytes(0..<entry.tensor.elementCount, as: entry.storedType))
        }
        return unsafe entry.tensor.withContiguousBytes { unsafe ContentHash(hashing: $0) }
    }

    /// A name that may hold anything as one word.
    private static func quoted(_ name: String) -> String {
        var bytes: [UInt8] = []
        SafetensorsFile.appendQuoted(name, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
