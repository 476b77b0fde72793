import Files

extension RelativePath {
    /// The path of another name in the same folder.
    ///
    /// - Parameter name: one name, without slashes.
    /// - Returns: this path with its last component replaced.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where the name or the result breaks a rule.
    func sibling(_ name: String) throws(FilesError) -> RelativePath {
        guard let parent else { return try RelativePath(validating: name) }
        return try parent.appending(name)
    }

    /// The same path below a folder that lies in the same root.
    ///
    /// - Parameter folder: one name, without slashes.
    /// - Returns: `folder/path`.
    /// - Throws: ``FilesError/unsafePath(_:reason:)`` where the result is too long.
    func inFolder(_ folder: String) throws(FilesError) -> RelativePath {
        try RelativePath(validating: folder).appending(self)
    }
}
