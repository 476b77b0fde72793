/// Reads the JSON of a safetensors header: objects, arrays of whole numbers, strings; nothing else occurs there.
///
/// Strict: whatever RFC 8259 does not allow, and repeated keys, are refused where they stand.
struct HeaderScanner {
    private let bytes: [UInt8]
    private let path: String
    /// Where the header's text begins in the file, for messages.
    private let start: Int
    private var index = 0

    init(_ bytes: [UInt8], path: String, start: Int) {
        self.bytes = bytes
        self.path = path
        self.start = start
    }

    func damage(_ reason: String) -> CheckpointFileError {
        .damaged(path: path, at: .byte(start + index), reason: reason)
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// Reads an object; `member` gets each key and reads its value.
    mutating func object(
        _ what: String,
        _ member: (String, inout HeaderScanner) throws(CheckpointFileError) -> Void
    ) throws(CheckpointFileError) {
        guard take("{") else { throw damage("\(what) should begin with {") }
        if take("}") { return }
        var keys: Set<String> = []
        repeat {
            let key = try string("a key of \(what)")
            guard keys.insert(key).inserted else {
                throw damage("\(what) has \(CheckpointFileError.printable(key)) twice")
            }
            guard take(":") else { throw damage("a colon should follow the key") }
            try member(key, &self)
        } while take(",")
        guard take("}") else { throw damage("a comma or } should follow") }
    }

    /// Reads an array of numbers that are neither negative nor fractions.
    mutating func integers(_ what: String, limit: Int) throws(CheckpointFileError) -> [Int] {
        guard take("[") else { throw damage("\(what) should begin with [") }
        var numbers: [Int] = []
        if take("]") { return numbers }
        repeat {
            guard numbers.count < limit else { throw damage("\(what) has more than \(limit) numbers") }
            numbers.append(try integer(what))
        } while take(",")
        guard take("]") else { throw damage("a comma or ] should follow") }
        return numbers
    }

    private mutating func integer(_ what: String) throws(CheckpointFileError) -> Int {
        skipSpace()
        let first = index
        var value = 0
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(bytes[index] - 0x30))
            guard !tensOverflow, !sumOverflow else { throw damage("a number in \(what) is too large") }
            value = sum
            index += 1
        }
        guard index > first, index == first + 1 || bytes[first] != 0x30 else {
            throw damage("\(what) should hold whole numbers, 0 or larger")
        }
        return value
    }

    /// Reads a string, escapes resolved.
    mutating func string(_ what: String) throws(CheckpointFileError) -> String {
        guard take("\"") else { throw damage("\(what) should be a string") }
        let first = index
        var decoded: [UInt8]?
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            let byte = bytes[index]
            guard byte >= 0x20 else { throw damage("a control byte inside \(what)") }
            if byte == UInt8(ascii: "\\") {
                var text = decoded ?? Array(bytes[first..<index])
                text.append(contentsOf: Array(String(try escape(what)).utf8))
                decoded = text
            } else {
                decoded?.append(byte)
                index += 1
            }
        }
        guard index < bytes.count else { throw damage("\(what) does not end") }
        let raw = decoded ?? Array(bytes[first..<index])
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw damage("\(what) is not valid UTF-8")
        }
        index += 1
        return text
    }

    private mutating func escape(_ what: String) throws(CheckpointFileError) -> Unicode.Scalar {
        index += 1
        guard index < bytes.count else { throw damage("\(what) does not end") }
        let kind = bytes[index]
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard unit < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
                bytes[index + 1] == UInt8(ascii: "u")
            else { throw damage("half a surrogate pair in \(what)") }
            index += 2
            let low = try hexUnit()
            guard (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00)))
            else { throw damage("half a surrogate pair in \(what)") }
            return scalar
        default: throw damage("an unknown escape in \(what)")
        }
    }

    private mutating func hexUnit() throws(CheckpointFileError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw damage("an escape is cut off") }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard byte < 0x80, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw damage("an escape without four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    /// Makes sure that only the spaces of the padding are left.
    mutating func finish() throws(CheckpointFileError) {
        while index < bytes.count, bytes[index] == 0x20 { index += 1 }
        guard index == bytes.count else { throw damage("text after the end of the header") }
    }
}
