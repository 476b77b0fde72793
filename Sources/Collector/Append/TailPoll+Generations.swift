import Files

extension TailPoll {
    /// Keeps the copy as an earlier generation, and goes on with an empty one.
    ///
    /// - Parameters:
    ///   - entry: of the copy.
    ///   - reason: why.
    ///   - memory: what is known of the file.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func beginGeneration(
        _ entry: JournalEntry,
        _ reason: GenerationReason,
        _ memory: inout TailMemory
    ) async throws {
        if isDraining {
            isForeign = true
            return
        }
        let wasRead = tail != nil
        copyHasChanged(&memory)
        // What the decision rests on may be old: a listing of a while ago, or another file by now.
        remote = try await transfer.source.status(of: path)
        noteStatus(&memory)
        guard let remote, remote.kind == .file else { return }
        if reason == .truncated, !wasRead, remote.size >= entry.synced { return }
        // A copy that somebody shortened differs from its source, too.
        let length = try await transfer.destination.status(of: target)?.size ?? 0
        if length < entry.synced { return }
        var (entry, reason) = (entry, reason)
        switch try await drainRotatedFile(entry, now: remote, &memory) {
        case .none: break
        case .drained:
            reason = .rotated
            entry = await currentEntry() ?? entry
        case .unfinished:
            budget = 0
            return
        }
        try await keepCopy(entry, reason)
        outcome.reasons.append(reason)
        copyHasChanged(&memory)
        memory.isChecked = true
    }

    private mutating func keepCopy(_ entry: JournalEntry, _ reason: GenerationReason) async throws {
        guard let copy = try await transfer.destination.status(of: target), copy.size > 0 else {
            // There is nothing to keep.
            try await transfer.journal.record(entry.succeeded(byGeneration: entry.generation))
            return
        }
        try await intend(.generation, entry, reason)
        try transfer.atStep(.generationIntended)
        if let intended = await transfer.journal.entry(for: target) { try await finishPending(intended) }
    }

    /// Saves what the copy has behind the last recorded byte under a name of its own, and cuts it off.
    ///
    /// - Parameter entry: of the copy.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func saveSurplus(_ entry: JournalEntry) async throws {
        tail = nil
        try await intend(.surplus, entry, .surplus)
        try transfer.atStep(.surplusIntended)
        if let intended = await transfer.journal.entry(for: target) { try await finishPending(intended) }
        outcome.reasons.append(.surplus)
    }

    private func intend(
        _ kind: JournalEntry.PendingStep.Kind,
        _ entry: JournalEntry,
        _ reason: GenerationReason
    ) async throws {
        var next = entry
        next.pending = JournalEntry.PendingStep(
            kind: kind,
            number: try await transfer.freeNumber(of: entry),
            reason: reason
        )
        try await transfer.journal.record(next)
    }

    /// Creates the copy, empty and with its permissions, before anything is in it.
    ///
    /// A reader that may read the earlier generation may read the next one, too.
    ///
    /// - Parameter entry: of the copy.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func createCopy(_ entry: JournalEntry) async throws {
        if let folder = target.parent { try await transfer.destination.createFolder(folder) }
        var mode = transfer.options.newFileMode
        if entry.generation > 0 {
            let former = try GenerationName.path(of: target, number: entry.generation)
            mode = try await transfer.destination.status(of: former)?.mode ?? mode
        }
        _ = try await transfer.destination.write(target, at: 0, truncating: false) { [] }
        try await transfer.destination.setAttributes(of: target, mode: mode, modifiedNanoseconds: nil)
    }

    // MARK: What was begun

    /// Does what the journal says was begun, as far as it is not done yet.
    ///
    /// - Parameter entry: with something pending.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func finishPending(_ entry: JournalEntry) async throws {
        guard let pending = entry.pending else { return }
        switch pending.kind {
        case .generation: try await finishGeneration(entry, pending)
        case .surplus: try await finishSurplus(entry, pending)
        }
    }

    private func finishGeneration(_ entry: JournalEntry, _ pending: JournalEntry.PendingStep) async throws {
        let name = try GenerationName.path(of: target, number: pending.number)
        let found = try await transfer.destination.status(of: [target, name])
        guard found.count == 2 else { return }
        switch (found[0] != nil, found[1] != nil) {
        case (true, true):
            // Somebody else took that name.
            try await intend(.generation, entry, pending.reason)
            return
        case (true, false): try await transfer.destination.move(target, toNew: name)
        case (false, _): break
        }
        try transfer.atStep(.generationMoved)
        try await log(entry, pending, savedAs: name)
        try transfer.atStep(.generationLogged)
        try await transfer.journal.record(entry.succeeded(byGeneration: pending.number))
        try transfer.atStep(.generationBegun)
    }

    private func finishSurplus(_ entry: JournalEntry, _ pending: JournalEntry.PendingStep) async throws {
        let name = try GenerationName.path(of: target, number: pending.number, offset: entry.synced)
        let length = try await transfer.destination.status(of: target)?.size ?? 0
        // Cut off means saved: the cut is the later step.
        if length > entry.synced {
            try await transfer.copyWithinDestination(target, from: entry.synced, to: name)
            if let mode = try await transfer.destination.status(of: target)?.mode {
                try await transfer.destination.setAttributes(of: name, mode: mode, modifiedNanoseconds: nil)
            }
            try transfer.atStep(.surplusSaved)
            _ = try await transfer.destination.write(target, at: entry.synced, truncating: true) { [] }
            try transfer.atStep(.surplusCut)
            // What was not cut would be saved again and again, until the disk is full.
            guard try await transfer.destination.status(of: target)?.size == entry.synced else {
                throw CollectorError.remoteFile(
                    target.string,
                    operation: "cut it to \(entry.synced) bytes",
                    reason: "it did not become shorter"
                )
            }
        }
        try await log(entry, pending, savedAs: name)
        var next = entry
        next.pending = nil
        next.generation = pending.number
        try await transfer.journal.record(next)
    }

    private func log(
        _ entry: JournalEntry,
        _ pending: JournalEntry.PendingStep,
        savedAs name: RelativePath
    ) async throws {
        let isSaved = try await transfer.destination.status(of: name) != nil
        let canHash = transfer.destination.capabilities.contains(.hash)
        try await transfer.journal.log(
            GenerationRecord(
                time: transfer.wallTime(),
                source: entry.source,
                path: target,
                savedAs: isSaved ? name : nil,
                number: pending.number,
                reason: pending.reason,
                synced: entry.synced,
                headHash: entry.headHash,
                sha256: isSaved && canHash
                    ? try await transfer.destination.sha256(of: name, prefix: nil) : nil
            )
        )
    }

    // MARK: Rotated files

    private enum Draining { case none, drained, unfinished }

    /// Brings what a rotated file still has into the copy, before the copy becomes an earlier generation.
    private mutating func drainRotatedFile(
        _ entry: JournalEntry,
        now remote: FileStatus,
        _ memory: inout TailMemory
    ) async throws -> Draining {
        guard entry.synced > 0 else { return .none }
        for candidate in try await transfer.rotatedFiles(of: path, entry: entry, now: remote) {
            var inner = TailPoll(
                transfer: transfer,
                path: candidate.path,
                target: target,
                remote: candidate.status,
                isDraining: true
            )
            inner.budget = budget
            var innerMemory = TailMemory()
            innerMemory.copy = memory.copy
            // The beginning is compared first: a file of the same length may be any.
            guard try await transfer.prefixIsEqual(candidate.path, target, entry.synced, .ends) ?? false
            else {
                continue
            }
            try await inner.work(&innerMemory, roundLimit: 1_000)
            try transfer.atStep(.rotatedFileRead)
            budget = max(1, inner.budget)
            outcome.carriedByteCount += inner.outcome.carriedByteCount
            outcome.equalByteCount += inner.outcome.equalByteCount
            outcome.reasons += inner.outcome.reasons
            if inner.outcome.hasMore { return .unfinished }
            if !inner.isForeign { return .drained }
        }
        return .none
    }
}
