import Foundation
import RunRecords

/// Builds JSON text byte by byte: members in the order they are written, no spaces, one newline at the end.
///
/// The same values give the same bytes on every machine. Numbers are the shortest text that reads back
/// (integers without `.0`), and `null` where they are not finite, which JSON cannot say (RFC 8259 §6). Text
/// is escaped so that it is safe inside HTML and scripts too.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// Room for the whole text where its size can be guessed.
    init(reservingBytes capacity: Int = 4_096) {
        bytes.reserveCapacity(capacity)
    }

    /// The text of one object.
    static func object(
        reservingBytes capacity: Int = 4_096,
        _ members: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: capacity)
        writer.object(members)
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    // MARK: Values

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        members(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func array<Element>(
        _ elements: some Sequence<Element>,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: "["))
        for element in elements { write(&self, element) }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func value(_ text: String?) {
        guard let text else { return null() }
        separate()
        JSONStringText.append(text, markupSafe: true, to: &bytes)
    }

    mutating func value(_ number: Double?) {
        guard let number, number.isFinite else { return null() }
        separate()
        NumberText.append(number, to: &bytes)
    }

    /// A derived number, rounded: its further digits carry no information but three times the bytes.
    mutating func value(_ number: Double, significantDigits: Int) {
        guard number.isFinite else { return null() }
        separate()
        NumberText.append(number, significantDigits: significantDigits, to: &bytes)
    }

    mutating func value(_ number: Int?) {
        guard let number else { return null() }
        separate()
        NumberText.append(number, to: &bytes)
    }

    mutating func value(_ flag: Bool?) {
        guard let flag else { return null() }
        separate()
        bytes.append(contentsOf: flag ? "true".utf8 : "false".utf8)
    }

    mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    // MARK: Members of an object

    mutating func key(_ key: String) {
        separate()
        JSONStringText.append(key, markupSafe: true, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func member(_ key: String, _ text: String?) {
        self.key(key)
        value(text)
    }

    mutating func member(_ key: String, _ number: Double?) {
        self.key(key)
        value(number)
    }

    mutating func member(_ key: String, _ number: Int?) {
        self.key(key)
        value(number)
    }

    mutating func member(_ key: String, _ flag: Bool?) {
        self.key(key)
        value(flag)
    }

    /// Seconds since 1970.
    mutating func member(_ key: String, _ date: Date?) {
        member(key, date?.timeIntervalSince1970)
    }

    mutating func member(object key: String, _ members: (inout JSONWriter) -> Void) {
        self.key(key)
        object(members)
    }

    mutating func member<Element>(
        array key: String,
        _ elements: some Sequence<Element>,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        self.key(key)
        array(elements, write)
    }

    /// A comma, unless what comes is the first of its container or the value of a key.
    ///
    /// The last byte tells: text ends in a quotation mark, so an opening bracket or a colon is structure.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}
