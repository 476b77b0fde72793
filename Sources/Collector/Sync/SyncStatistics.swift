/// What a sync counted.
public struct SyncStatistics: Sendable, Hashable, Codable {
    /// Files that took part.
    public var fileCount = 0
    /// Folders that took part.
    public var folderCount = 0
    /// Files that were not there before.
    public var createdFileCount = 0
    /// Folders that were not there before.
    public var createdFolderCount = 0
    /// Names that were removed.
    public var deletedCount = 0
    /// Files whose contents were carried.
    public var transferredFileCount = 0
    /// Of all files that took part.
    public var totalByteCount = 0
    /// Of the files whose contents were carried.
    public var transferredByteCount = 0
    /// That came from the sources.
    public var literalByteCount = 0
    /// That were at the destination already and were used again.
    public var matchedByteCount = 0
    /// Files that failed.
    public var problemCount = 0
    /// How many files were verified how far.
    public var verifications: [String: Int] = [:]

    /// Nothing counted yet.
    public init() {}

    /// The lines of `--stats`.
    ///
    /// What rsync tells about its own protocol is left out.
    ///
    /// - Parameter usesUnits: whether numbers are in units.
    /// - Returns: lines without their ends.
    public func lines(usesUnits: Bool) -> [String] {
        func bytes(_ count: Int) -> String { ByteCount.text(count, inUnits: usesUnits) + " bytes" }
        func number(_ count: Int) -> String { ByteCount.text(count, inUnits: false) }
        func split(_ files: Int, _ folders: Int) -> String {
            var parts: [String] = []
            if files > 0 { parts.append("reg: \(number(files))") }
            if folders > 0 { parts.append("dir: \(number(folders))") }
            return number(files + folders) + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
        }
        let verified = VerificationLevel.allCases.reversed()
            .compactMap { level in verifications[level.rawValue].map { "\(level.rawValue): \(number($0))" } }
        return [
            "Number of files: \(split(fileCount, folderCount))",
            "Number of created files: \(split(createdFileCount, createdFolderCount))",
            "Number of deleted files: \(number(deletedCount))",
            "Number of regular files transferred: \(number(transferredFileCount))",
            "Total file size: \(bytes(totalByteCount))",
            "Total transferred file size: \(bytes(transferredByteCount))",
            "Literal data: \(bytes(literalByteCount))",
            "Matched data: \(bytes(matchedByteCount))",
            "Verified: " + (verified.isEmpty ? "nothing was carried" : verified.joined(separator: ", ")),
        ]
    }

    /// The last line of `-v`.
    ///
    /// - Parameters:
    ///   - isDryRun: whether nothing was really done.
    ///   - usesUnits: whether numbers are in units.
    /// - Returns: one line.
    public func summary(isDryRun: Bool, usesUnits: Bool) -> String {
        let total = ByteCount.text(totalByteCount, inUnits: usesUnits)
        let carried = ByteCount.text(literalByteCount, inUnits: usesUnits)
        return "total size is \(total)  carried \(carried) bytes" + (isDryRun ? " (DRY RUN)" : "")
    }
}
