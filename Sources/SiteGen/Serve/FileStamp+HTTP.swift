import Files

extension FileStamp {
    /// What `Last-Modified` says.
    var lastModified: HTTPDate {
        HTTPDate(secondsSince1970: Int(identity.modifiedNanoseconds / 1_000_000_000))
    }

    /// The file's length in bytes.
    var size: Int { identity.size }
}
