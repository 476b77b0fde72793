public import Files

/// What one sync is to do, in rsync's terms.
public struct SyncOptions: Sendable {
    /// Where files come from; at least one.
    public var sources: [Location] = []
    /// Where they go.
    public var destination = Location(path: ".")

    /// Whether folders are carried with what is in them (`-r`).
    public var isRecursive = false
    /// Whether files keep their times (`-t`).
    public var keepsTimes = false
    /// Whether files keep their permissions (part of `-a`).
    public var keepsPermissions = false
    /// Whether nothing is really done (`-n`).
    public var isDryRun = false
    /// Whether files of equal length are compared by their SHA-256 (`--checksum`).
    public var comparesChecksums = false
    /// Whether files of equal length count as equal (`--size-only`).
    public var comparesSizesOnly = false
    /// Whether shorter files are continued at their end (`--append-verify`).
    public var appendsAndVerifies = false
    /// Which names take part.
    public var rules = FilterRules()
    /// Names of `--files-from`, as written; nil for all.
    public var fileNames: [String]?
    /// What `--chmod` changes.
    public var permissionChanges = PermissionChanges()
    /// Whether `--chmod` was given.
    public var changesPermissions = false

    /// Whether what the source does not have is removed (`--delete`).
    public var deletes = false
    /// How many names may be removed at most (`--max-delete`).
    public var maximumDeletionCount: Int?
    /// Where replaced and removed files go, below the destination (`--backup-dir`).
    public var backupFolder: RelativePath?
    /// The folder beside each file where it grows (`--partial-dir`).
    public var partialFolder = WholeFileOptions.defaultPartialFolder
    /// Whether the destination's parents are created (`--mkpath`).
    public var createsParents = false

    /// Bytes per second on average (`--bwlimit`).
    public var bytesPerSecond: Int?
    /// Whether ssh compresses everything (`-z`).
    public var compresses = false
    /// How long to wait for a peer (`--timeout`, `--contimeout`).
    public var timeouts = TransferTimeouts()

    /// Whether the sync goes on, as files grow (`--follow`).
    public var follows = false
    /// The file of known hosts (`--hosts`).
    public var hostsFile: String?
    /// How many files are carried at once.
    public var concurrency = 4

    /// What is said about it.
    public var output = SyncOutputOptions()

    /// Nothing to do yet.
    public init() {}
}

/// What a sync says, and in which words.
public struct SyncOutputOptions: Sendable, Hashable {
    /// How often `-v` was given.
    public var verbosity = 0
    /// Nothing but errors (`-q`).
    public var isQuiet = false
    /// A line for each change (`-i`).
    public var itemizes = false
    /// Numbers in units (`-h`).
    public var usesUnits = false
    /// Numbers at the end (`--stats`).
    public var showsStatistics = false
    /// How far each file is (`--progress`).
    public var showsProgress = false
    /// JSON instead of lines (`--json`).
    public var isJSON = false
    /// The format of a change's line (`--out-format`).
    public var format: OutFormat?
    /// Where all of it is noted as well (`--log-file`).
    public var logFile: String?

    /// The defaults.
    public init() {}
}
