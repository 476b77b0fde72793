import Files

/// What one publish did.
struct PublishReport: Sendable, Equatable {
    /// Files whose bytes are new on the site, sorted; twins are not listed.
    var written: [RelativePath] = []
    /// Files that are no longer on the site, sorted.
    var removed: [RelativePath] = []
    /// How many of the given files were there already, byte for byte.
    var unchanged = 0
    /// Bytes written, twins included.
    var bytesWritten = 0
    /// Files that somebody else removed from the site and that were not given this time: render them again.
    var lost: [RelativePath] = []
    /// Media that could not be read, each with the reason; the site is published without them.
    var skipped: [SiteGenError] = []
    /// Whether readers switched from one complete version to the next at one moment.
    ///
    /// False where the site is a mount point, or the folder it lies in cannot be written: then each file is
    /// replaced by itself, pages last.
    var isAtomic = true

    /// Whether readers see anything new.
    var hasChanges: Bool { !written.isEmpty || !removed.isEmpty }
}

/// A moment in a publish at which a test may make it fail.
enum PublishStep: Sendable, Equatable {
    case mirror(String)
    case write(RelativePath)
    case remove(RelativePath)
    case manifest
    /// Everything is staged; the next thing is the switch.
    case exchange
    /// The switch has happened.
    case exchanged
}
