import Glibc

/// A path below some root that cannot leave it: `runs/stage2/index.html`.
///
/// The only way to make one is to validate it, so code that takes a `RelativePath` from a log line, a
/// request or a remote host may append it to a root without looking again. (Symbolic links inside the root
/// are another matter: whoever opens the file decides about them.)
///
/// Equality, hashing and order are those of the UTF-8 bytes, as the file system sees them. `String` would
/// call two files equal whose names differ only in Unicode normalisation.
public struct RelativePath: Sendable {
    /// The path: components joined by `/`, without one at either end.
    public let string: String

    /// Longest component a Linux file system takes, in bytes (`NAME_MAX`).
    public static let maximumComponentLength = 255
    /// Longest whole path, in bytes (`PATH_MAX`).
    public static let maximumLength = 4096

    /// Checks `path` and keeps it as it is.
    ///
    /// - Parameter path: text from anywhere, trusted or not.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where it is empty, absolute, has an empty, `.` or `..`
    ///   component, a NUL or a line break, or is too long.
    public init(validating path: String) throws(FilesError) {
        var string = path
        string.makeContiguousUTF8()
        if let reason = RelativePath.defect(of: string) { throw .unsafePath(path, reason: reason) }
        self.string = string
    }

    private init(trusted: String) { string = trusted }

    /// The names between the slashes; at least one.
    public var components: [Substring] {
        string.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
    }

    /// The name of the file or folder itself.
    public var lastComponent: Substring {
        guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return string[...] }
        return string[string.utf8.index(after: slash)...]
    }

    /// The folder the path is in; nil for a path of one component.
    public var parent: RelativePath? {
        string.utf8.lastIndex(of: UInt8(ascii: "/")).map { RelativePath(trusted: String(string[..<$0])) }
    }

    /// The path of `component` below this one.
    ///
    /// - Parameter component: one name, without slashes.
    /// - Returns: a path one component longer.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where the name or the result breaks a rule.
    public func appending(_ component: String) throws(FilesError) -> RelativePath {
        guard !component.utf8.contains(UInt8(ascii: "/")) else {
            throw .unsafePath(component, reason: "a name must not contain a slash")
        }
        return try RelativePath(validating: string + "/" + component)
    }

    /// The path of `other` below this one.
    ///
    /// - Parameter other: any number of names.
    /// - Returns: the joined path.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where the result is too long.
    public func appending(_ other: RelativePath) throws(FilesError) -> RelativePath {
        try RelativePath(validating: string + "/" + other.string)
    }

    /// The path with `suffix` after its last component: the twin `index.html.gz` of `index.html`.
    ///
    /// - Parameter suffix: text without slashes.
    /// - Returns: a path in the same folder.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where the result breaks a rule.
    public func withSuffix(_ suffix: String) throws(FilesError) -> RelativePath {
        guard !suffix.utf8.contains(UInt8(ascii: "/")) else {
            throw .unsafePath(string + suffix, reason: "a suffix must not contain a slash")
        }
        return try RelativePath(validating: string + suffix)
    }

    /// The path as the system sees it below `root`.
    ///
    /// - Parameter root: an absolute or working-directory-relative folder.
    /// - Returns: `root/path`.
    public func below(_ root: String) -> String {
        root.utf8.last == UInt8(ascii: "/") ? root + string : root + "/" + string
    }

    /// Why `path` cannot be taken; nil where it can.
    private static func defect(of path: String) -> String? {
        let bytes = path.utf8
        if bytes.isEmpty { return "it is empty" }
        if bytes.count > maximumLength { return "it is longer than \(maximumLength) bytes" }
        if bytes.first == UInt8(ascii: "/") { return "it is absolute" }
        if bytes.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            return "it contains a NUL or a line break"
        }
        for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if component.isEmpty { return "it has an empty component" }
            if component.count > maximumComponentLength {
                return "a component is longer than \(maximumComponentLength) bytes"
            }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                return "it has a component \(Substring(component))"
            }
        }
        return nil
    }
}

extension RelativePath: Hashable, Comparable, CustomStringConvertible {
    /// Whether both name the same file, byte for byte.
    public static func == (left: RelativePath, right: RelativePath) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    /// Byte order, component by component, so that a folder's contents come right after the folder.
    public static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8) { rank($0) < rank($1) }
    }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The path itself.
    public var description: String { string }

    /// A slash sorts before every byte a name can have (none is 0).
    private static func rank(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: "/") ? 0 : byte }
}
