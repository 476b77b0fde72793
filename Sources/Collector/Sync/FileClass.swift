public import Files

/// How a file changes at its source, which decides how it is carried.
public enum FileClass: Sendable, Hashable {
    /// Grows at its end: logs. Carried byte by byte into place, never overwritten, never deleted.
    case append
    /// Written anew as a whole: checkpoints and all else. Carried to a partial file and put in place at once.
    case replace

    /// The class of a file, by the ending of its name.
    ///
    /// - Parameter path: any path.
    public init(of path: RelativePath) {
        let name = path.lastComponent
        self =
            name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") || name.hasSuffix(".log")
            ? .append : .replace
    }
}
