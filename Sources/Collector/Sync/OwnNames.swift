import Files

/// Names that the collector itself gives: never taken from a source, never removed at a destination.
enum OwnNames {
    /// Whether a path lies in a folder of the collector's own, or is one.
    ///
    /// - Parameters:
    ///   - path: any path.
    ///   - partialFolder: the name of the folders of partial files.
    /// - Returns: true for the journal, for partial files, and for the collector's own status: another host's would
    ///   pass for ours.
    static func contain(_ path: RelativePath, partialFolder: String) -> Bool {
        if path.string == StatusBoard.path { return true }
        return path.components.contains { component in
            component.utf8.elementsEqual(JournalFile.folderName.utf8)
                || component.utf8.elementsEqual(partialFolder.utf8)
                || component.utf8.elementsEqual(WholeFileOptions.defaultPartialFolder.utf8)
        }
    }

    /// Whether a file of the destination is kept whatever the source says.
    ///
    /// - Parameter path: any path.
    /// - Returns: true for logs and their generations.
    static func isLog(_ path: RelativePath) -> Bool {
        FileClass(of: path) == .append || GenerationName.isGeneration(path)
    }
}
