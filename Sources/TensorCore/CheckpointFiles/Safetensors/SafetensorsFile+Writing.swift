import Files

extension SafetensorsFile {
    /// A tensor to be written.
    public struct Entry: Sendable {
        /// Its path in the model.
        public var name: String
        /// Its elements.
        public var tensor: StoredTensor
        /// What they become in the file.
        public var storedType: ElementType

        /// A tensor under its name.
        ///
        /// - Parameters:
        ///   - name: the path in the model.
        ///   - tensor: the elements; read while writing, never copied as a whole.
        ///   - storedType: a floating-point type to convert floating-point elements to; their own unless given.
        public init(_ name: String, _ tensor: StoredTensor, storedType: ElementType? = nil) {
            self.name = name
            self.tensor = tensor
            self.storedType = storedType ?? tensor.elementType
        }
    }

    /// Writes a file: whole or not at all, and safe against a power cut once this returns.
    ///
    /// Equal arguments give equal bytes. Tensors of wide elements come first, else the order is kept, so that each is
    /// aligned to its elements; the data begins at a multiple of 64. Besides the tensors themselves it takes a
    /// mebibyte of memory.
    ///
    /// - Parameters:
    ///   - entries: all tensors.
    ///   - metadata: texts for `__metadata__`.
    ///   - path: a file that is replaced where it exists; its folder must exist.
    ///   - synchronizing: whether to wait for the device.
    ///   - checksumming: whether the metadata gets a checksum over everything, which ``Checkpoint/verifyChecksums()``
    ///     compares; tensors are read twice then.
    /// - Throws: ``CheckpointFileError``; the old file is then as it was.
    public static func write(
        _ entries: [Entry],
        metadata: [String: String] = [:],
        to path: String,
        synchronizing: Bool = true,
        checksumming: Bool = false
    ) throws(CheckpointFileError) {
        try check(entries, path)
        var metadata = metadata
        metadata[ContentChecksum.key] = checksumming ? ContentChecksum.hex(entries, metadata) : nil
        // `enumerated` makes the sort stable.
        let ordered = entries.enumerated()
            .sorted {
                ($1.element.storedType.byteCount, $0.offset) < ($0.element.storedType.byteCount, $1.offset)
            }
            .map(\.element)
        let header = try header(ordered, metadata, path)
        do {
            try AtomicFile.write(to: path, synchronizing: synchronizing) { file throws(FilesError) in
                try file.write(header)
                for entry in ordered { try write(entry, to: file) }
            }
        } catch {
            throw .system(error)
        }
    }

    private static func check(_ entries: [Entry], _ path: String) throws(CheckpointFileError) {
        var names: Set<String> = [SafetensorsHeader.metadataKey]
        for entry in entries {
            let name = CheckpointFileError.printable(entry.name)
            guard names.insert(entry.name).inserted else {
                throw .unwritable(
                    path: path,
                    reason: "the name \(name) occurs twice or is reserved; rename one"
                )
            }
            let isConverted = entry.storedType != entry.tensor.elementType
            guard
                !isConverted || (entry.storedType.isFloatingPoint && entry.tensor.elementType.isFloatingPoint)
            else {
                throw .unwritable(
                    path: path,
                    reason: "\(name) is \(entry.tensor.elementType.rawValue), which does not become "
                        + "\(entry.storedType.rawValue); only floating-point types are converted"
                )
            }
        }
    }

    /// The length and the JSON, padded with spaces to a multiple of 64 bytes.
    private static func header(
        _ entries: [Entry],
        _ metadata: [String: String],
        _ path: String
    ) throws(CheckpointFileError) -> [UInt8] {
        var text: [UInt8] = [UInt8](repeating: 0, count: 8) + Array("{".utf8)
        var separator = ""
        if !metadata.isEmpty {
            text.append(contentsOf: "\"\(SafetensorsHeader.metadataKey)\":{".utf8)
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                text.append(contentsOf: separator.utf8)
                appendQuoted(key, to: &text)
                text.append(contentsOf: ":".utf8)
                appendQuoted(value, to: &text)
                separator = ","
            }
            text.append(contentsOf: "}".utf8)
            separator = ","
        }
        var offset = 0
        for entry in entries {
            let size = entry.tensor.elementCount * entry.storedType.byteCount
            let (end, overflows) = offset.addingReportingOverflow(size)
            guard !overflows else {
                throw .unwritable(path: path, reason: "it would be larger than any file")
            }
            text.append(contentsOf: separator.utf8)
            appendQuoted(entry.name, to: &text)
            let shape = entry.tensor.shape.map(String.init).joined(separator: ",")
            let type = entry.storedType.safetensorsName
            text.append(
                contentsOf:
                    ":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}".utf8
            )
            offset = end
            separator = ","
        }
        text.append(contentsOf: "}".utf8)
        while text.count % 64 != 0 { text.append(0x20) }
        guard text.count - 8 <= maximumHeaderByteCount else {
            throw .unwritable(path: path, reason: "names and texts take more than 100 MB; shorten them")
        }
        for index in 0..<8 { text[index] = UInt8(truncatingIfNeeded: (text.count - 8) >> (8 * index)) }
        return text
    }

    private static func write(_ entry: Entry, to file: borrowing OpenFile) throws(FilesError) {
        let tensor = entry.tensor
        if entry.storedType == tensor.elementType, let (owner, range) = tensor.contiguousBytes {
            var failure: FilesError?
            unsafe owner.withBytes(range) { bytes in
                do throws(FilesError) { try unsafe file.write(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            return
        }
        let chunk = 1 << 16
        for start in stride(from: 0, to: tensor.elementCount, by: chunk) {
            let range = start..<min(start + chunk, tensor.elementCount)
            try file.write(tensor.bytes(range, as: entry.storedType))
        }
    }

    /// Appends a JSON string.
    ///
    /// Byte by byte: a quotation mark followed by a combining mark is one `Character`, and still ends a string.
    /// Source: RFC 8259, section 7.
    static func appendQuoted(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes.append(
                    contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
                )
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension ElementType {
    /// Whether elements are numbers with a fraction.
    var isFloatingPoint: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        case .int64, .int32, .int16, .int8, .uint8, .bool: false
        }
    }
}
