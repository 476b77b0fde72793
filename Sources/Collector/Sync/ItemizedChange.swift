/// What happens to one name, in the eleven characters of `rsync --itemize-changes`: `YXcstpoguax`.
///
/// Source: rsync(1), --itemize-changes; log.c, `log_formatted`.
public struct ItemizedChange: Sendable, Hashable, CustomStringConvertible {
    /// The first character.
    public enum Update: Sendable, Hashable {
        /// Bytes go to another host: `<`.
        case sent
        /// Bytes come here: `>`.
        case received
        /// Made here: `c`.
        case created
        /// Only attributes change: `.`.
        case attributes
        /// Removed: `*deleting`.
        case deleted
    }

    /// What is done.
    public var update: Update
    /// Whether it is a folder.
    public var isFolder: Bool
    /// Whether nothing was there before.
    public var isNew = false
    /// Whether contents of equal length differ, as `--checksum` found.
    public var hasOtherContents = false
    /// Whether the length differs.
    public var hasOtherSize = false
    /// Whether the time is set to the source's.
    public var hasOtherTime = false
    /// Whether the time becomes that of the transfer, because times are not kept.
    public var getsTransferTime = false
    /// Whether the permissions differ.
    public var hasOtherPermissions = false

    /// - Parameters:
    ///   - update: what is done.
    ///   - isFolder: whether to a folder.
    ///   - isNew: whether nothing was there before.
    public init(_ update: Update, isFolder: Bool = false, isNew: Bool = false) {
        self.update = update
        self.isFolder = isFolder
        self.isNew = isNew
    }

    /// Whether anything at all is different.
    public var isChange: Bool {
        update != .attributes || isNew || hasOtherTime || hasOtherPermissions || hasOtherContents
            || hasOtherSize
    }

    /// The eleven characters.
    public var description: String {
        let first: String
        switch update {
        case .deleted: return "*deleting  "
        case .sent: first = "<"
        case .received: first = ">"
        case .created: first = "c"
        case .attributes: first = "."
        }
        let kind = isFolder ? "d" : "f"
        if isNew { return first + kind + "+++++++++" }
        let flags =
            (hasOtherContents ? "c" : ".") + (hasOtherSize ? "s" : ".")
            + (getsTransferTime ? "T" : hasOtherTime ? "t" : ".") + (hasOtherPermissions ? "p" : ".")
        return first + kind + flags + "....."
    }
}
