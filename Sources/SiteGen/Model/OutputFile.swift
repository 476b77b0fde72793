import Files

/// One file of the site, ready to publish.
struct OutputFile: Sendable, Equatable {
    /// Below the site's root.
    let path: RelativePath
    let contents: Contents
    /// Whether a `.gz` twin is published beside it for servers that can send it as it is.
    let isCompressible: Bool

    enum Contents: Sendable, Equatable {
        case bytes([UInt8])
        /// A file elsewhere, copied as it is: clips, pictures, icons.
        ///
        /// It is opened below the given folder, past no symbolic link.
        case copy(of: RelativePath, below: String)
    }
}
