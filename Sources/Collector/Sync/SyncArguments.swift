import Files

/// What was asked for on a command line.
public enum SyncRequest: Sendable {
    /// To sync.
    case sync(SyncOptions)
    /// To be told how.
    case help
}

/// Reads the arguments of `voxsite sync` as rsync reads its own.
///
/// The order of filters counts, `-avz` is three options, `-h` means numbers in units: so it is read here and not
/// by a general parser. An option of rsync that is not supported is refused by its name, never ignored.
public struct SyncArguments {
    private var options = SyncOptions()
    private var places: [String] = []
    private var rest: ArraySlice<String>
    private let readFile: (String) throws(CollectorError) -> [UInt8]

    private init(_ arguments: [String], readFile: @escaping (String) throws(CollectorError) -> [UInt8]) {
        rest = arguments[...]
        self.readFile = readFile
    }

    /// Reads the arguments.
    ///
    /// - Parameters:
    ///   - arguments: without the names of the program and the command.
    ///   - readFile: reads a file of patterns or names; `-` is the standard input.
    /// - Returns: what was asked for.
    /// - Throws: ``CollectorError/usage(_:)``, and what `readFile` throws.
    public static func parse(
        _ arguments: [String],
        readFile: @escaping (String) throws(CollectorError) -> [UInt8]
    ) throws(CollectorError) -> SyncRequest {
        // As in rsync, -h alone asks for help.
        if arguments == ["-h"] || arguments.contains("--help") || arguments.isEmpty { return .help }
        var reader = SyncArguments(arguments, readFile: readFile)
        try reader.readAll()
        return .sync(try reader.finished())
    }

    private mutating func readAll() throws(CollectorError) {
        while let argument = rest.popFirst() {
            if argument == "--" {
                places += rest
                return
            }
            if argument.hasPrefix("--") {
                try readLong(argument)
            } else if argument.hasPrefix("-"), argument != "-" {
                for letter in argument.dropFirst() { try readShort(letter) }
            } else {
                places.append(argument)
            }
        }
    }

    private mutating func readShort(_ letter: Character) throws(CollectorError) {
        guard let name = Self.shortNames[letter] else {
            let reason = Self.unsupported["-\(letter)"] ?? "this is not an option of voxsite sync"
            throw .usage("-\(letter): \(reason); see voxsite sync --help")
        }
        try set(name, value: nil)
    }

    private static let shortNames: [Character: String] = [
        "a": "archive", "r": "recursive", "t": "times", "n": "dry-run", "i": "itemize-changes",
        "v": "verbose", "q": "quiet", "h": "human-readable", "z": "compress", "c": "checksum", "P": "P",
    ]

    private mutating func readLong(_ argument: String) throws(CollectorError) {
        var name = argument.dropFirst(2)
        var value: String?
        if let equals = name.firstIndex(of: "=") {
            value = String(name[name.index(after: equals)...])
            name = name[..<equals]
        }
        guard Self.names.contains(String(name)) else {
            let reason = Self.unsupported["--\(name)"] ?? "this is not an option of voxsite sync"
            throw .usage("--\(name): \(reason); see voxsite sync --help")
        }
        if Self.namesWithValue.contains(String(name)) {
            guard let given = value ?? rest.popFirst() else { throw .usage("--\(name): a value is missing") }
            value = given
        } else if value != nil {
            throw .usage("--\(name): it takes no value")
        }
        try set(String(name), value: value)
    }

    private static let namesWithValue: Set = [
        "include", "exclude", "exclude-from", "files-from", "max-delete", "backup-dir", "bwlimit",
        "partial-dir", "timeout", "contimeout", "out-format", "log-file", "chmod", "hosts",
    ]
    private static let names = namesWithValue.union([
        "archive", "recursive", "times", "dry-run", "itemize-changes", "verbose", "quiet", "human-readable",
        "compress", "checksum", "size-only", "delete", "partial", "append-verify", "stats", "progress",
        "mkpath",
        "follow", "json",
    ])

    private mutating func set(_ name: String, value: String?) throws(CollectorError) {
        switch name {
        case "archive":
            (options.isRecursive, options.keepsTimes, options.keepsPermissions) = (true, true, true)
            impliesRecursion = true
        case "recursive": (options.isRecursive, isExplicitlyRecursive) = (true, true)
        case "times": options.keepsTimes = true
        case "dry-run": options.isDryRun = true
        case "itemize-changes": options.output.itemizes = true
        case "verbose": options.output.verbosity += 1
        case "quiet": options.output.isQuiet = true
        case "human-readable": options.output.usesUnits = true
        case "compress": options.compresses = true
        case "checksum": options.comparesChecksums = true
        case "size-only": options.comparesSizesOnly = true
        case "delete": options.deletes = true
        // Partial files are always kept, in a folder of their own and never under the final name.
        case "partial": break
        case "append-verify": options.appendsAndVerifies = true
        case "stats": options.output.showsStatistics = true
        case "progress", "P": options.output.showsProgress = true
        case "mkpath": options.createsParents = true
        case "follow": options.follows = true
        case "json": options.output.isJSON = true
        default: try set(name, to: value ?? "")
        }
    }

    private var impliesRecursion = false
    private var isExplicitlyRecursive = false

    private mutating func set(_ name: String, to value: String) throws(CollectorError) {
        switch name {
        case "include": try options.rules.add(value, includes: true)
        case "exclude": try options.rules.add(value, includes: false)
        case "exclude-from": try options.rules.add(contents: try readFile(value), includes: false)
        case "files-from": options.fileNames = Self.names(in: try readFile(value))
        case "max-delete": options.maximumDeletionCount = try Self.count(value, option: name)
        case "backup-dir": options.backupFolder = try Self.folder(value, option: name)
        case "partial-dir":
            let folder = try Self.folder(value, option: name)
            guard folder.components.count == 1 else {
                throw .usage("--partial-dir: \(value): one name is wanted, of a folder beside each file")
            }
            options.partialFolder = folder.string
        case "bwlimit": options.bytesPerSecond = try ByteCount.parseRate(value)
        case "timeout": options.timeouts.silenceSeconds = try Self.seconds(value, option: name)
        case "contimeout": options.timeouts.connectSeconds = try Self.seconds(value, option: name)
        case "out-format": options.output.format = try OutFormat(parsing: value)
        case "log-file": options.output.logFile = value
        case "chmod":
            options.permissionChanges.append(try PermissionChanges(parsing: value))
            options.changesPermissions = true
        case "hosts": options.hostsFile = value
        default: throw .usage("--\(name): this is not an option of voxsite sync; see voxsite sync --help")
        }
    }

    private static func names(in contents: [UInt8]) -> [String] {
        contents.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
            .filter { $0.first != UInt8(ascii: ";") && $0.first != UInt8(ascii: "#") }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func count(_ text: String, option: String) throws(CollectorError) -> Int {
        guard let count = Int(text), count >= 0 else {
            throw .usage("--\(option): \(text) is not a number of files")
        }
        return count
    }

    /// As in rsync 0 means to wait for ever; here, a day.
    private static func seconds(_ text: String, option: String) throws(CollectorError) -> Double {
        guard let seconds = Int(text), (0...86_400).contains(seconds) else {
            throw .usage("--\(option): \(text) is not a number of seconds up to 86400")
        }
        return seconds == 0 ? 86_400 : Double(seconds)
    }

    private static func folder(_ text: String, option: String) throws(CollectorError) -> RelativePath {
        var name = text[...]
        while name.count > 1, name.hasSuffix("/") { name = name.dropLast() }
        do throws(FilesError) {
            return try RelativePath(validating: String(name))
        } catch {
            throw .usage(
                "--\(option): \(text): a folder below the destination is wanted: \(error.explanation)"
            )
        }
    }

    private func finished() throws(CollectorError) -> SyncOptions {
        var options = options
        guard places.count >= 2, let last = places.last else {
            throw .usage("a source and a destination are wanted: voxsite sync -a gpu:/root/runs/ runs/")
        }
        for place in places.dropLast() { options.sources.append(try Location(parsing: place)) }
        options.destination = try Location(parsing: last)
        // rsync(1): with --files-from, -a does not imply -r.
        if options.fileNames != nil, impliesRecursion, !isExplicitlyRecursive { options.isRecursive = false }
        if options.deletes, !options.isRecursive {
            throw .usage("--delete: it works only with -r or -a, and not with --files-from alone")
        }
        if options.deletes, options.fileNames != nil {
            throw .usage("--delete: with --files-from it would remove what the list merely leaves out")
        }
        if options.maximumDeletionCount != nil || options.backupFolder != nil,
            options.follows || options.deletes && options.follows
        {
            throw .usage(
                "--follow: it never removes or replaces a log, so --max-delete and --backup-dir do not apply"
            )
        }
        if options.follows, options.deletes { throw .usage("--delete: a follower never removes anything") }
        if options.follows, options.isDryRun {
            throw .usage("-n: following cannot be tried without doing it")
        }
        return options
    }

    /// Options of rsync that are known here only to be refused.
    private static let unsupported: [String: String] = {
        var reasons: [String: String] = [:]
        func refuse(_ names: [String], _ reason: String) { for name in names { reasons[name] = reason } }
        refuse(
            [
                "-l", "-L", "-k", "-K", "--links", "--copy-links", "--copy-unsafe-links", "--safe-links",
                "--copy-dirlinks", "--keep-dirlinks", "--munge-links",
            ],
            "symbolic links are neither followed nor made"
        )
        refuse(
            [
                "-o", "-g", "-D", "-H", "-A", "-X", "-N", "-U", "-E", "--owner", "--group", "--devices",
                "--specials", "--hard-links", "--acls", "--xattrs", "--crtimes", "--atimes", "--chown",
                "--usermap",
                "--groupmap", "--numeric-ids", "--super", "--fake-super", "--executability", "-O",
                "--omit-dir-times",
            ],
            "owners, devices, links and extended attributes are not carried"
        )
        refuse(["-p", "--perms"], "-a keeps permissions, --chmod sets them")
        refuse(
            ["--append", "--inplace", "--write-devices", "--sparse", "-S", "--preallocate"],
            "it can leave a damaged file under its final name; logs are appended to without it, and "
                + "--append-verify continues other files"
        )
        refuse(
            [
                "-e", "--rsh", "--port", "--rsync-path", "-s", "--protect-args", "--secluded-args", "-4",
                "-6",
                "--ipv4", "--ipv6", "--address", "--password-file", "-M", "--remote-option",
            ],
            "how a host is reached stands in hosts.yaml; add it with voxsite hosts add"
        )
        refuse(
            ["-f", "-F", "-C", "--filter", "--include-from", "--cvs-exclude", "--from0", "-0"],
            "write the rules with --include, --exclude and --exclude-from"
        )
        refuse(
            [
                "--delete-before", "--delete-during", "--delete-delay", "--delete-after", "--delete-excluded",
                "--force", "--ignore-errors", "--del", "--delete-missing-args", "--remove-source-files",
            ],
            "--delete removes after everything has been carried, and never more than that"
        )
        refuse(
            ["-b", "--backup", "--suffix"],
            "write --backup-dir and the folder for replaced files"
        )
        refuse(
            [
                "-u", "-I", "-W", "-R", "-d", "-x", "-y", "-T", "-B", "-8", "-J", "-m", "--update",
                "--existing",
                "--ignore-existing", "--ignore-times", "--modify-window", "--whole-file", "--no-whole-file",
                "--relative", "--dirs", "--one-file-system", "--fuzzy", "--temp-dir", "--block-size",
                "--compare-dest", "--copy-dest", "--link-dest", "--min-size", "--max-size", "--info",
                "--debug",
                "--compress-choice", "--compress-level", "--zc", "--zl", "--checksum-choice", "--cc",
                "--prune-empty-dirs", "--fsync", "--stop-after", "--stop-at", "--no-motd", "--daemon",
                "--skip-compress", "--delay-updates", "--only-write-batch", "--write-batch", "--read-batch",
                "--protocol", "--iconv", "--list-only", "--no-implied-dirs", "--outbuf", "--max-alloc",
            ],
            "this option of rsync is not supported"
        )
        return reasons
    }()
}
