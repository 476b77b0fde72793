/// What `--chmod` does to permission bits.
///
/// Source: rsync(1), --chmod; chmod.c. `D` and `F` before an item apply it to folders or files alone.
public struct PermissionChanges: Sendable, Hashable {
    private struct Item: Sendable, Hashable {
        var forFolders: Bool?
        var operation: UInt8
        var who: UInt32
        var bits: UInt32
        /// `X`: execute only for folders and for what someone can execute already.
        var isConditional: Bool
        var copies: UInt8?
    }

    private var items: [Item] = []

    /// No change.
    public init() {}

    /// Reads `Dg+s,ug+w,Fo-w,+X` or `D2775,F664`.
    ///
    /// - Parameter text: items with commas between them.
    /// - Throws: ``CollectorError/usage(_:)``.
    public init(parsing text: String) throws(CollectorError) {
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            try add(part[...], in: text)
        }
    }

    /// Adds the changes of a further `--chmod`.
    ///
    /// - Parameter other: applied after these.
    public mutating func append(_ other: PermissionChanges) { items += other.items }

    private mutating func add(_ part: Substring.UTF8View, in text: String) throws(CollectorError) {
        let invalid = CollectorError.usage("--chmod: \(text) is not understood; write for example D755,F644")
        var rest = part
        var forFolders: Bool?
        if let first = rest.first, first == UInt8(ascii: "D") || first == UInt8(ascii: "F") {
            forFolders = first == UInt8(ascii: "D")
            rest = rest.dropFirst()
        }
        guard let first = rest.first else { throw invalid }
        if (0x30...0x37).contains(first) {
            guard let bits = UInt32(String(Substring(rest)), radix: 8), bits <= 0o7777 else { throw invalid }
            items.append(
                Item(
                    forFolders: forFolders,
                    operation: UInt8(ascii: "="),
                    who: 0o7777,
                    bits: bits,
                    isConditional: false
                )
            )
            return
        }
        var who: UInt32 = 0
        while let next = rest.first, let bits = Self.who[next] {
            who |= bits
            rest = rest.dropFirst()
        }
        guard let operation = rest.first, "+-=".utf8.contains(operation) else { throw invalid }
        rest = rest.dropFirst()
        var bits: UInt32 = 0
        var isConditional = false
        var copies: UInt8?
        let mask = who == 0 ? 0o7777 : who
        for character in rest {
            switch character {
            case UInt8(ascii: "r"): bits |= 0o444
            case UInt8(ascii: "w"): bits |= 0o222
            case UInt8(ascii: "x"): bits |= 0o111
            case UInt8(ascii: "X"): isConditional = true
            case UInt8(ascii: "s"): bits |= 0o6000
            case UInt8(ascii: "t"): bits |= 0o1000
            case UInt8(ascii: "u"), UInt8(ascii: "g"), UInt8(ascii: "o"):
                guard rest.count == 1 else { throw invalid }
                copies = character
            default: throw invalid
            }
        }
        // Without a letter before the sign, the umask decides; it is taken to be 022.
        let effective = who == 0 ? bits & ~0o022 : bits & mask
        items.append(
            Item(
                forFolders: forFolders,
                operation: operation,
                who: mask,
                bits: effective,
                isConditional: isConditional,
                copies: copies
            )
        )
    }

    private static let who: [UInt8: UInt32] = [
        UInt8(ascii: "u"): 0o4700, UInt8(ascii: "g"): 0o2070, UInt8(ascii: "o"): 0o1007,
        UInt8(ascii: "a"): 0o7777,
    ]

    /// The permissions that come of others.
    ///
    /// - Parameters:
    ///   - mode: permission bits.
    ///   - isFolder: whether they are a folder's.
    /// - Returns: permission bits.
    public func apply(to mode: UInt32, isFolder: Bool) -> UInt32 {
        var mode = mode & 0o7777
        for item in items where item.forFolders ?? isFolder == isFolder {
            var bits = item.bits
            if item.isConditional, isFolder || mode & 0o111 != 0 { bits |= item.who & 0o111 }
            if let copies = item.copies {
                let shift: UInt32 = copies == UInt8(ascii: "u") ? 6 : copies == UInt8(ascii: "g") ? 3 : 0
                let triple = mode >> shift & 7
                bits = (triple << 6 | triple << 3 | triple) & item.who
            }
            switch item.operation {
            case UInt8(ascii: "+"): mode |= bits
            case UInt8(ascii: "-"): mode &= ~bits
            default: mode = mode & ~item.who & 0o7777 | bits
            }
        }
        return mode
    }
}
