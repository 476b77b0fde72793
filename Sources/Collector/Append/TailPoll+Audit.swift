import Files

extension TailPoll {
    /// Compares earlier bytes with the source, and begins a new generation where they differ.
    ///
    /// - Parameters:
    ///   - entry: of the copy.
    ///   - depth: how many of them.
    ///   - reason: why the file is another one, if it is.
    ///   - memory: what is known of the file.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func verify(
        _ entry: JournalEntry,
        _ depth: PrefixDepth,
        _ reason: GenerationReason,
        _ memory: inout TailMemory
    ) async throws {
        // A rotated file may begin with the same header, so the name it has now counts for more.
        if reason == .replaced, !isDraining, let remote,
            try await transfer.isRotated(path, entry: entry, now: remote)
        {
            return try await beginGeneration(entry, .rotated, &memory)
        }
        var isEqual: Bool?
        var next = entry
        if depth == .everything { isEqual = try await checksumIsEqual(&next, memory.copy) }
        if isEqual == nil {
            isEqual = try await transfer.prefixIsEqual(path, target, entry.synced, isDraining ? .ends : depth)
        }
        try transfer.atStep(.prefixVerified)
        guard let isEqual else {
            remote = nil
            return
        }
        guard isEqual else { return try await beginGeneration(entry, reason, &memory) }
        memory.isChecked = true
        // What comes next records the same, with what is new.
        if reason == .rewritten, next.register == entry.register, (remote?.size ?? 0) > entry.synced {
            return
        }
        next.source = transfer.sourceName
        if let remote { next.note(remote) }
        if next != entry { try await transfer.journal.record(next) }
    }

    /// Compares the beginning and random blocks of a file that has changed since the last time.
    ///
    /// What neither grew nor got another time since then is left in peace; without times finer than a second, a
    /// change in the second of the last audit would go unseen, so then there is one more.
    ///
    /// - Parameter memory: what is known of the file.
    /// - Throws: ``CollectorError``, `CancellationError`.
    mutating func auditIfDue(_ memory: inout TailMemory) async throws {
        let now = transfer.time.now()
        guard let last = memory.auditTime else {
            memory.auditTime = now
            return
        }
        guard now - last >= transfer.options.auditInterval, memory.changeTime + .seconds(5) >= last,
            let entry = await currentEntry(), entry.synced > 0, entry.pending == nil,
            let remote, remote.kind == .file, remote.size >= entry.synced
        else { return }
        let isEqual = try await transfer.prefixIsEqual(path, target, entry.synced, .blocks)
        memory.auditTime = now
        guard isEqual == false else { return }
        try await beginGeneration(entry, .rewritten, &memory)
        outcome.hasMore = true
    }
}
