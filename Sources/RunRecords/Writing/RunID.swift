/// The name of a run: of its folder, and of its page and address on the site.
///
/// 1 to 128 of `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`, so that it is one safe path component
/// everywhere and needs no escaping in a URL.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let string: String

    /// Accepts a name from outside.
    ///
    /// - Parameter string: The proposed name.
    /// - Throws: `RunRecordsError.invalidRunID` for anything else than the above.
    public init(validating string: String) throws(RunRecordsError) {
        guard
            (1...128).contains(string.utf8.count), string != ".", string != "..",
            string.utf8.allSatisfy(Self.isAllowed)
        else { throw .invalidRunID(string) }
        self.string = string
    }

    /// The name itself.
    public var description: String { string }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
