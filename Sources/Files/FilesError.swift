/// What went wrong with a file, a folder or a path.
public enum FilesError: Error, Equatable, Sendable {
    /// A path from outside that could leave its root or cannot name a file: absolute, `..`, NUL, too long.
    case unsafePath(String, reason: String)
    /// A system call failed. `code` is the `errno` it left.
    case system(operation: String, path: String, code: Int32)
}
