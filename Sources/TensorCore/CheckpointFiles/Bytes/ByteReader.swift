/// Reads numbers and texts from a part of a file, one after the other, never beyond its end.
struct ByteReader: Sendable {
    let bytes: TensorBytes
    /// For messages.
    let path: String
    /// The offset of the next byte in the file.
    private(set) var position: Int
    /// Where reading stops, in the file.
    let end: Int

    /// Starts at the beginning of `range`, which is cut to what the file has.
    init(_ bytes: TensorBytes, _ range: Range<Int>? = nil, path: String) {
        self.bytes = bytes
        self.path = path
        end = min(max(0, range?.upperBound ?? bytes.count), bytes.count)
        position = min(max(0, range?.lowerBound ?? 0), end)
    }

    /// How many bytes are left.
    var remaining: Int { end - position }

    /// An error at the next byte.
    func damage(_ reason: String) -> CheckpointFileError {
        .damaged(path: path, at: .byte(position), reason: reason)
    }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type,
        _ what: String
    ) throws(CheckpointFileError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw damage("it ends in the middle of \(what)") }
        defer { position += size }
        return bytes.integer(at: position, as: type)
    }

    mutating func byte(_ what: String) throws(CheckpointFileError) -> UInt8 { try integer(UInt8.self, what) }

    /// The range of the next `count` bytes, which are passed over.
    mutating func skip(_ count: some BinaryInteger, _ what: String) throws(CheckpointFileError) -> Range<Int>
    {
        guard count >= 0, let count = Int(exactly: count), count <= remaining else {
            throw damage("it ends in the middle of \(what)")
        }
        defer { position += count }
        return position..<position + count
    }

    mutating func array(_ count: some BinaryInteger, _ what: String) throws(CheckpointFileError) -> [UInt8] {
        bytes.copy(try skip(count, what))
    }

    mutating func text(_ count: some BinaryInteger, _ what: String) throws(CheckpointFileError) -> String {
        let range = try skip(count, what)
        guard let text = unsafe bytes.withBytes(range, { unsafe String(validating: $0, as: UTF8.self) })
        else {
            throw .damaged(path: path, at: .byte(range.lowerBound), reason: "\(what) is not valid UTF-8")
        }
        return text
    }

    /// The bytes up to the next line feed, which is passed over.
    mutating func line(_ what: String) throws(CheckpointFileError) -> [UInt8] {
        let length = unsafe bytes.withBytes(position..<end) { unsafe $0.firstIndex(of: 0x0A) }
        guard let length else { throw damage("it ends in the middle of \(what)") }
        let line = try array(length, what)
        position += 1
        return line
    }
}
