import Files

/// One name of the sources, as it takes part in a sync.
struct SyncEntry: Sendable, Hashable {
    /// Below the top of the transfer, and below the root of its source; nil for the top itself.
    var path: RelativePath?
    var status: FileStatus
    /// Which source it comes from.
    var sourceIndex: Int

    var isFolder: Bool { status.kind == .directory }
}

/// What is to be done, decided without touching anything.
struct SyncPlan: Sendable {
    /// A file whose contents are carried.
    struct Carriage: Sendable, Hashable {
        var entry: SyncEntry
        var path: RelativePath
        var change: ItemizedChange
        var attributes: TransferAttributes
        var fileClass: FileClass
        /// What the file at the destination is; nil where there is none.
        var previous: FileStatus?
        /// Whether it is to be continued at the end of what is there.
        var continues = false
    }

    /// Attributes that are set without carrying anything; for folders also after all else.
    struct Adjustment: Sendable, Hashable {
        var entry: SyncEntry
        var change: ItemizedChange
        var mode: UInt32?
        var modifiedNanoseconds: Int64?
    }

    struct Deletion: Sendable, Hashable {
        var path: RelativePath
        var isFolder: Bool
        /// Whether it is itemised; what something else takes the place of is not.
        var isReported = true
    }

    /// In the way of something of another kind; removed first.
    var clearings: [Deletion] = []
    /// Parents before what lies in them.
    var newFolders: [Adjustment] = []
    var carriages: [Carriage] = []
    var fileAdjustments: [Adjustment] = []
    /// Folders that exist and whose attributes are set at the end, since writing into them changes their time.
    var folderAdjustments: [Adjustment] = []
    /// Contents before their folders.
    var deletions: [Deletion] = []
    var problems: [CollectorError] = []
    var notices: [String] = []
    var statistics = SyncStatistics()
}

/// What a plan follows from.
struct SyncSituation: Sendable {
    /// Names that take part, filters applied, each once; parents before what lies in them.
    var entries: [SyncEntry] = []
    /// What is at the destination under those names; all of it below the sources' folders where it may be removed.
    var destination: [RelativePath: FileStatus] = [:]
    /// What the top of the destination is.
    var top: FileStatus?
    /// Names of equal length whose contents were compared and found equal.
    var equalContents: Set<RelativePath> = []
    /// Whether times are to be compared to the nanosecond.
    var hasFineTimes = false
    /// Whether bytes go to another host.
    var isSending = false
    /// Whether all of the sources could be listed.
    var isComplete = true
    /// Permissions that new files do not get where the source's are not kept.
    var creationMask = CreationMask.value
}

/// Makes the plan of a sync.
struct SyncPlanner: Sendable {
    let options: SyncOptions
    let situation: SyncSituation

    /// Makes the plan, a pure function of the situation.
    func plan() -> SyncPlan {
        var plan = SyncPlan()
        var blocked: Set<RelativePath> = []
        for entry in situation.entries {
            if let parent = entry.path?.parent, blocked.contains(parent) {
                if entry.isFolder, let path = entry.path { blocked.insert(path) }
                continue
            }
            if entry.isFolder {
                plan.statistics.folderCount += 1
                if !addFolder(entry, to: &plan), let path = entry.path { blocked.insert(path) }
            } else if let path = entry.path {
                plan.statistics.fileCount += 1
                plan.statistics.totalByteCount &+= entry.status.size
                addFile(entry, path, to: &plan)
            }
        }
        if options.deletes {
            if situation.isComplete {
                DeletionPlanner(options: options, situation: situation).add(to: &plan)
            } else {
                plan.notices.append("a part of the source could not be listed: nothing is removed")
            }
        }
        return plan
    }

    // MARK: Folders

    /// - Returns: whether what lies in it can take part.
    private func addFolder(_ entry: SyncEntry, to plan: inout SyncPlan) -> Bool {
        guard let path = entry.path else {
            if let top = situation.top {
                adjustFolder(entry, existing: top, in: &plan)
            } else {
                plan.newFolders.append(newFolder(entry))
            }
            return true
        }
        switch situation.destination[path]?.kind {
        case .directory:
            if let existing = situation.destination[path] {
                adjustFolder(entry, existing: existing, in: &plan)
            }
            return true
        case nil: break
        default:
            guard !OwnNames.isLog(path) else {
                plan.problems.append(.exists(path.string))
                return false
            }
            plan.clearings.append(SyncPlan.Deletion(path: path, isFolder: false, isReported: false))
        }
        plan.newFolders.append(newFolder(entry))
        plan.statistics.createdFolderCount += 1
        return true
    }

    private func newFolder(_ entry: SyncEntry) -> SyncPlan.Adjustment {
        SyncPlan.Adjustment(
            entry: entry,
            change: ItemizedChange(.created, isFolder: true, isNew: true),
            // The owner must be able to write into it until it is full.
            mode: mode(for: entry, existing: nil).map { $0 | 0o700 },
            modifiedNanoseconds: options.keepsTimes ? entry.status.modifiedNanoseconds : nil
        )
    }

    private func adjustFolder(_ entry: SyncEntry, existing: FileStatus, in plan: inout SyncPlan) {
        let adjustment = adjustment(of: entry, existing: existing)
        plan.folderAdjustments.append(adjustment)
    }

    private func adjustment(of entry: SyncEntry, existing: FileStatus) -> SyncPlan.Adjustment {
        let mode = mode(for: entry, existing: existing)
        var change = ItemizedChange(.attributes, isFolder: entry.isFolder)
        let keepsTime = options.keepsTimes && entry.status.modifiedNanoseconds != nil
        change.hasOtherTime = keepsTime && !hasSameTime(entry.status, existing)
        change.hasOtherPermissions = mode != nil && existing.mode != nil && mode != existing.mode
        return SyncPlan.Adjustment(
            entry: entry,
            change: change,
            mode: change.hasOtherPermissions ? mode : nil,
            modifiedNanoseconds: keepsTime ? entry.status.modifiedNanoseconds : nil
        )
    }

    // MARK: Files

    private func addFile(_ entry: SyncEntry, _ path: RelativePath, to plan: inout SyncPlan) {
        var existing = situation.destination[path]
        switch existing?.kind {
        case .directory:
            guard options.deletes else {
                plan.problems.append(
                    .refused(
                        path.string,
                        reason: "a folder has this name at the destination; --delete would remove it"
                    )
                )
                return
            }
            guard clearFolder(path, in: &plan) else { return }
            existing = nil
        // A link or device is replaced itself, never written through.
        case .symbolicLink, .other: existing = nil
        case .file, nil: break
        }
        if let existing, isUnchanged(entry, path, existing) {
            let adjustment = adjustment(of: entry, existing: existing)
            if adjustment.change.isChange { plan.fileAdjustments.append(adjustment) }
            return
        }
        if let existing, options.appendsAndVerifies, FileClass(of: path) == .replace,
            existing.size >= entry.status.size
        {
            return
        }
        if existing != nil, GenerationName.isGeneration(path) {
            plan.problems.append(
                .refused(
                    path.string,
                    reason: "an earlier generation of a log has this name here; it is never overwritten"
                )
            )
            return
        }
        plan.carriages.append(carriage(of: entry, path, existing: existing))
        if existing == nil { plan.statistics.createdFileCount += 1 }
    }

    private func carriage(
        of entry: SyncEntry,
        _ path: RelativePath,
        existing: FileStatus?
    ) -> SyncPlan.Carriage {
        var change = ItemizedChange(situation.isSending ? .sent : .received, isNew: existing == nil)
        let mode = mode(for: entry, existing: existing)
        if let existing {
            change.hasOtherSize = existing.size != entry.status.size
            // As rsync marks them: `c` wherever checksums were asked for, `T` wherever times are not kept.
            change.hasOtherContents = options.comparesChecksums
            change.hasOtherTime = !hasSameTime(entry.status, existing)
            change.getsTransferTime = !options.keepsTimes
            change.hasOtherPermissions = mode != nil && existing.mode != nil && mode != existing.mode
        }
        return SyncPlan.Carriage(
            entry: entry,
            path: path,
            change: change,
            attributes: TransferAttributes(
                mode: mode ?? existing?.mode ?? 0o644,
                keepsTime: options.keepsTimes
            ),
            fileClass: FileClass(of: path),
            previous: existing,
            continues: options.appendsAndVerifies && existing.map { $0.size < entry.status.size } ?? false
        )
    }

    /// Plans to remove a folder that is in the way, if nothing in it must stay.
    private func clearFolder(_ path: RelativePath, in plan: inout SyncPlan) -> Bool {
        let contents = situation.destination.keys.filter { $0.string.hasPrefix(path.string + "/") }.sorted()
        if let kept = contents.first(where: { OwnNames.isLog($0) }) {
            plan.problems.append(
                .refused(path.string, reason: "a log lies below it at the destination: \(kept)")
            )
            return false
        }
        for inner in contents.reversed() {
            let isFolder = situation.destination[inner]?.kind == .directory
            plan.clearings.append(SyncPlan.Deletion(path: inner, isFolder: isFolder))
        }
        plan.clearings.append(SyncPlan.Deletion(path: path, isFolder: true, isReported: false))
        return true
    }

    private func isUnchanged(_ entry: SyncEntry, _ path: RelativePath, _ existing: FileStatus) -> Bool {
        guard existing.size == entry.status.size else { return false }
        // As in rsync, checksums count more.
        if options.comparesChecksums { return situation.equalContents.contains(path) }
        if options.comparesSizesOnly { return true }
        return hasSameTime(entry.status, existing)
    }

    private func hasSameTime(_ left: FileStatus, _ right: FileStatus) -> Bool {
        guard let left = left.modifiedNanoseconds, let right = right.modifiedNanoseconds else { return false }
        if situation.hasFineTimes { return left == right }
        return seconds(left) == seconds(right)
    }

    private func seconds(_ nanoseconds: Int64) -> Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The permissions a name gets; nil where they are left as they are.
    private func mode(for entry: SyncEntry, existing: FileStatus?) -> UInt32? {
        guard options.keepsPermissions || existing == nil else { return nil }
        // A source that does not tell leaves what is there as it is.
        if entry.status.mode == nil, existing != nil { return nil }
        let source = entry.status.mode ?? (entry.isFolder ? 0o755 : 0o644)
        let changed =
            options.changesPermissions
            ? options.permissionChanges.apply(to: source, isFolder: entry.isFolder) : source
        // Bits that give rights to whoever runs a file are not taken from another host unasked.
        let mode = options.changesPermissions ? changed : changed & 0o1777
        return options.keepsPermissions ? mode : mode & ~situation.creationMask
    }
}
