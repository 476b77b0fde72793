import Files
import Glibc

/// Does what a plan says: several files at once, and what fails does not stop the rest.
struct SyncExecutor: Sendable {
    let options: SyncOptions
    let sources: [SyncSource]
    let destination: SyncDestination
    let connections: SyncConnections
    let time: MonotonicTime
    /// When the sources were listed, for files that have to rest.
    let listedAt: Duration
    let report: @Sendable (SyncEvent) -> Void

    private var transport: any WritableTransport { destination.transport }

    /// Carries the plan out.
    ///
    /// - Throws: ``CollectorError`` where going on makes no sense, `CancellationError`.
    func execute(_ plan: SyncPlan, tally: inout SyncTally) async throws {
        add(plan.statistics, to: &tally)
        for notice in plan.notices { report(.notice(notice)) }
        for problem in plan.problems { tally.note(problem, report) }
        for clearing in plan.clearings {
            try await attempt(&tally) {
                try await remove(clearing)
                if clearing.isReported { report(.item(item(clearing))) }
            }
            if clearing.isReported { tally.statistics.deletedCount += 1 }
        }
        for folder in plan.newFolders {
            try await attempt(&tally) {
                if !options.isDryRun, let path = folder.entry.path { try await transport.createFolder(path) }
                report(.item(item(folder.entry, folder.change)))
            }
        }
        try await carry(plan.carriages, tally: &tally)
        for file in plan.fileAdjustments {
            try await attempt(&tally) {
                if !options.isDryRun { try await adjust(file) }
                report(.item(item(file.entry, file.change)))
            }
        }
        try await delete(plan.deletions, tally: &tally)
        try await finishFolders(plan, tally: &tally)
    }

    private func add(_ planned: SyncStatistics, to tally: inout SyncTally) {
        tally.statistics.fileCount += planned.fileCount
        tally.statistics.folderCount += planned.folderCount
        tally.statistics.totalByteCount &+= planned.totalByteCount
        tally.statistics.createdFileCount += planned.createdFileCount
        tally.statistics.createdFolderCount += planned.createdFolderCount + (destination.wasCreated ? 1 : 0)
    }

    private func attempt(_ tally: inout SyncTally, _ work: () async throws -> Void) async throws {
        do {
            try Task.checkCancellation()
            try await work()
        } catch let error as CollectorError where !error.stopsSync {
            tally.note(error, report)
        }
    }

    private func item(_ entry: SyncEntry, _ change: ItemizedChange) -> SyncItem {
        let source = sources[entry.sourceIndex]
        let root = source.transport.displayName
        return SyncItem(
            change: change,
            path: entry.path,
            sourcePath: entry.path.map { $0.below(root) } ?? root,
            byteCount: entry.status.size,
            modifiedNanoseconds: entry.status.modifiedNanoseconds,
            mode: entry.status.mode,
            isSent: !transport.capabilities.contains(.local)
        )
    }

    // MARK: Files

    /// What came of one file.
    private enum Carried: Sendable {
        case done(SyncItem?, reusedByteCount: Int)
        case failed(CollectorError)
    }

    private func carry(_ carriages: [SyncPlan.Carriage], tally: inout SyncTally) async throws {
        if options.isDryRun {
            for carriage in carriages {
                count(carriage, item(carriage.entry, carriage.change), reusedByteCount: 0, tally: &tally)
            }
            return
        }
        guard !carriages.isEmpty else { return }
        let carrier = FileCarrier(executor: self, carriers: try await appendCarriers(for: carriages))
        try await withThrowingTaskGroup(of: (Int, Carried).self) { group in
            var next = 0
            func addTask() {
                guard next < carriages.count else { return }
                let (index, carriage) = (next, carriages[next])
                next += 1
                group.addTask { (index, try await carryOne(carriage, by: carrier)) }
            }
            for _ in 0..<max(1, options.concurrency) { addTask() }
            while let (index, outcome) = try await group.next() {
                switch outcome {
                case .done(let item, let reused):
                    if let item { count(carriages[index], item, reusedByteCount: reused, tally: &tally) }
                case .failed(let error): tally.note(error, report)
                }
                addTask()
            }
        }
        await removeEmptyPartialFolders(of: carriages)
    }

    private func carryOne(_ carriage: SyncPlan.Carriage, by carrier: FileCarrier) async throws -> Carried {
        do {
            let (item, reused) = try await carrier.carry(
                carriage,
                item: item(carriage.entry, carriage.change)
            )
            return .done(item, reusedByteCount: reused)
        } catch let error as CollectorError where !error.stopsSync {
            return .failed(error)
        }
    }

    private func appendCarriers(
        for carriages: [SyncPlan.Carriage]
    ) async throws -> [Int: any AppendCarrier] {
        var carriers: [Int: any AppendCarrier] = [:]
        for carriage in carriages where carriage.fileClass == .append {
            let index = carriage.entry.sourceIndex
            guard carriers[index] == nil else { continue }
            carriers[index] = try await connections.makeAppendCarrier(sources[index].transport, transport)
        }
        return carriers
    }

    private func count(
        _ carriage: SyncPlan.Carriage,
        _ item: SyncItem,
        reusedByteCount: Int,
        tally: inout SyncTally
    ) {
        tally.statistics.transferredFileCount += 1
        tally.statistics.transferredByteCount &+= carriage.entry.status.size
        tally.statistics.literalByteCount &+= item.carriedByteCount
        tally.statistics.matchedByteCount &+= reusedByteCount
        if let level = item.verification { tally.statistics.verifications[level.rawValue, default: 0] += 1 }
        report(.item(item))
    }

    private func removeEmptyPartialFolders(of carriages: [SyncPlan.Carriage]) async {
        var folders: Set<RelativePath> = []
        for carriage in carriages where carriage.fileClass == .replace {
            let parent = (destination.fileName ?? carriage.path).parent
            let folder =
                try? parent?.appending(options.partialFolder)
                ?? RelativePath(validating: options.partialFolder)
            if let folder { folders.insert(folder) }
        }
        // One that still holds something stays, which is not worth a word.
        for folder in folders { try? await transport.remove(folder) }
    }

    // MARK: Attributes

    private func adjust(_ adjustment: SyncPlan.Adjustment) async throws {
        let (mode, modified) = (adjustment.mode, adjustment.modifiedNanoseconds)
        guard mode != nil || modified != nil else { return }
        if let path = adjustment.entry.path {
            try await transport.setAttributes(
                of: destination.fileName ?? path,
                mode: mode,
                modifiedNanoseconds: modified
            )
        } else if let local = transport as? LocalTransport {
            try await local.setRootAttributes(mode: mode, modifiedNanoseconds: modified)
        }
    }

    private func finishFolders(_ plan: SyncPlan, tally: inout SyncTally) async throws {
        // Writing into a folder changes its time, so folders come last, the deepest first.
        let touched = Set(
            plan.carriages.map(\.path.parent) + plan.deletions.map(\.path.parent)
                + plan.newFolders.map { $0.entry.path?.parent } + plan.clearings.map(\.path.parent)
        )
        for folder in plan.folderAdjustments.reversed() + plan.newFolders.reversed() {
            let isNew = folder.change.isNew
            guard isNew || folder.change.isChange || touched.contains(folder.entry.path) else { continue }
            try await attempt(&tally) {
                if !options.isDryRun { try await adjust(folder) }
                if folder.change.isChange, !isNew { report(.item(item(folder.entry, folder.change))) }
            }
        }
    }

    // MARK: Removing

    private func delete(_ deletions: [SyncPlan.Deletion], tally: inout SyncTally) async throws {
        let limit = options.maximumDeletionCount ?? .max
        var count = 0
        for deletion in deletions {
            guard count < limit else {
                tally.deletionLimitReached = true
                report(
                    .notice(
                        "removing stopped: --max-delete allows \(limit), \(deletions.count - count) more were due"
                    )
                )
                return
            }
            count += 1
            try await attempt(&tally) {
                try await remove(deletion)
                report(.item(item(deletion)))
            }
            tally.statistics.deletedCount += 1
        }
    }

    private func item(_ deletion: SyncPlan.Deletion) -> SyncItem {
        SyncItem(
            change: ItemizedChange(.deleted, isFolder: deletion.isFolder),
            path: deletion.path,
            sourcePath: "",
            byteCount: 0
        )
    }

    private func remove(_ deletion: SyncPlan.Deletion) async throws {
        guard !options.isDryRun else { return }
        if options.backupFolder != nil, !deletion.isFolder {
            try await backUp(deletion.path)
        } else {
            try await transport.remove(deletion.path)
        }
    }

    /// Moves a file to the backup folder, where a file of that name is replaced, as rsync does.
    func backUp(_ path: RelativePath) async throws {
        guard let folder = options.backupFolder else { return }
        let target: RelativePath
        do throws(FilesError) {
            target = try folder.appending(path)
        } catch {
            throw CollectorError.refused(path.string, reason: error.explanation)
        }
        if let parent = target.parent { try await transport.createFolder(parent) }
        if try await transport.status(of: path)?.kind == .file {
            try await transport.replace(target, with: path)
        } else {
            try await transport.remove(path)
        }
    }
}

extension FilesError {
    /// Whether the whole disk is the matter and not one file.
    var isOfDisk: Bool {
        guard let code else { return false }
        return [ENOSPC, EDQUOT, EROFS, EIO, ENODEV, EMFILE, ENFILE].contains(code)
    }
}
