import Files

/// Names that the collector itself gives: never taken from a source, never removed at a destination.
enum OwnNames {
    /// The folder of the journal.
    static let journalFolder = ".voxsite"

    /// Whether a path lies in a folder of the collector's own, or is one.
    ///
    /// - Parameters:
    ///   - path: any path.
    ///   - partialFolder: the name of the folders of partial files.
    /// - Returns: true for the journal and for partial files.
    static func contain(_ path: RelativePath, partialFolder: String) -> Bool {
        path.components.contains { component in
            component.utf8.elementsEqual(journalFolder.utf8)
                || component.utf8.elementsEqual(partialFolder.utf8)
                || component.utf8.elementsEqual(WholeFileOptions.defaultPartialFolder.utf8)
        }
    }

    /// Whether a file is what a log was before it began anew: `metrics.jsonl.gen0001`, `….gen0001.at17`.
    ///
    /// - Parameter path: any path.
    /// - Returns: whether the name is that of an earlier generation.
    static func isGeneration(_ path: RelativePath) -> Bool {
        let parts = path.lastComponent.split(separator: ".", omittingEmptySubsequences: false)
        return parts.dropFirst().contains { part in
            part.hasPrefix("gen") && part.count >= 7
                && part.dropFirst(3).utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// Whether a file of the destination is kept whatever the source says.
    ///
    /// - Parameter path: any path.
    /// - Returns: true for logs and their generations.
    static func isLog(_ path: RelativePath) -> Bool { FileClass(of: path) == .append || isGeneration(path) }
}
