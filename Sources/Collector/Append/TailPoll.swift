import Files

/// One poll of one file: decides, acts, looks again, until nothing is left to do or enough was carried.
struct TailPoll: Sendable {
    /// How much is read beyond what is known to be there.
    private static let growthLength = 4096

    let transfer: TailTransfer
    let path: RelativePath
    let target: RelativePath
    /// What the source told last.
    var remote: FileStatus?

    var outcome = TailOutcome()
    /// How many bytes may still be read from the source.
    var budget: Int
    /// Whether a rotated file is read, which only can continue the copy and not begin a new generation.
    let isDraining: Bool
    /// Whether the rotated file turned out not to continue the copy.
    var isForeign = false
    /// What was read at the end of the copy.
    var tail: Tail?
    /// What was read of the source's end on the way.
    var prefetched: Prefetched?
    /// The entry as long as no byte has arrived, which is not worth recording.
    var unrecorded: JournalEntry?

    /// What reading the end gave.
    struct Tail: Sendable {
        let comparison: TailComparison
        /// How many bytes of the copy behind the recorded ones are the source's.
        let equalSurplus: Int
        /// Whether the copy has still more behind what was compared.
        let copyGoesOn: Bool
        /// The source's bytes from the overlap on.
        let bytes: [UInt8]
        let overlap: Int
    }

    init(
        transfer: TailTransfer,
        path: RelativePath,
        target: RelativePath,
        remote: FileStatus?,
        isDraining: Bool = false
    ) {
        self.isDraining = isDraining
        self.transfer = transfer
        self.path = path
        self.target = target
        self.remote = remote
        budget = max(1, transfer.options.bytesPerPoll)
    }

    mutating func run(_ memory: inout TailMemory, roundLimit: Int) async throws -> TailOutcome {
        noteStatus(&memory)
        try transfer.atStep(.statusTaken)
        try await work(&memory, roundLimit: roundLimit)
        if !outcome.hasMore { try await auditIfDue(&memory) }
        let entry = await currentEntry()
        outcome.syncedByteCount = entry?.synced ?? 0
        outcome.generation = entry?.generation ?? 0
        outcome.lagByteCount = max(0, (remote?.size ?? 0) - outcome.syncedByteCount)
        return outcome
    }

    /// Decides and acts until nothing is left to do or enough was carried.
    mutating func work(_ memory: inout TailMemory, roundLimit: Int) async throws {
        for _ in 0..<roundLimit {
            try Task.checkCancellation()
            let entry = await currentEntry()
            let copy = try await copyState(entry, &memory)
            if try await perform(action(entry, copy, memory), entry, &memory) { return }
            if budget <= 0, tail == nil { break }
        }
        outcome.hasMore = true
    }

    // MARK: Deciding

    mutating func noteStatus(_ memory: inout TailMemory) {
        guard !isDraining else { return }
        if memory.status != remote { memory.changeTime = transfer.time.now() }
        memory.status = remote
    }

    func currentEntry() async -> JournalEntry? {
        if let entry = await transfer.journal.entry(for: target) { return entry }
        return unrecorded
    }

    private func action(_ entry: JournalEntry?, _ copy: CopyState, _ memory: TailMemory) -> AppendAction {
        AppendSituation(
            entry: entry,
            copy: copy,
            remote: remote,
            source: transfer.sourceName,
            isUnchecked: !memory.isChecked && !isDraining,
            hasFineTimes: transfer.source.capabilities.contains(.fineTimes),
            tail: tail?.comparison
        ).action
    }

    /// - Returns: whether the poll is at its end.
    private mutating func perform(
        _ action: AppendAction,
        _ entry: JournalEntry?,
        _ memory: inout TailMemory
    ) async throws -> Bool {
        switch (action, entry) {
        case (.idle, _):
            memory.isChecked = memory.isChecked || !isDraining
            return true
        case (.vanished, _):
            outcome.isVanished = true
            return true
        case (.refuse(let reason), _):
            throw CollectorError.refused(target.string, reason: reason)
        case (.begin, _):
            unrecorded = JournalEntry(
                source: transfer.sourceName,
                path: target,
                generation: try await transfer.lastGeneration(of: target)
            )
        case (.finishPending, let entry?):
            try await finishPending(entry)
            copyHasChanged(&memory)
        case (.shorten(let length), let entry?):
            try await shorten(entry, to: length)
            copyHasChanged(&memory)
        case (.readTail, let entry?): try await readTail(entry, &memory)
        case (.verify(let depth, let reason), let entry?):
            try await verify(entry, depth, reason, &memory)
        case (.advance, let entry?):
            try await advance(entry, &memory)
            return !outcome.hasMore
        case (.saveSurplus, let entry?):
            try await saveSurplus(entry)
            copyHasChanged(&memory)
        case (.beginGeneration(let reason), let entry?):
            try await beginGeneration(entry, reason, &memory)
        // Every other action follows from an entry.
        case (_, nil): return true
        }
        return isForeign
    }

    /// Makes the next round look at the copy again.
    mutating func copyHasChanged(_ memory: inout TailMemory) {
        tail = nil
        memory.copy = nil
    }

    private mutating func copyState(
        _ entry: JournalEntry?,
        _ memory: inout TailMemory
    ) async throws -> CopyState {
        if let copy = memory.copy { return copy }
        let copy: CopyState =
            switch try await transfer.destination.status(of: target) {
            case nil: .missing
            case let status? where status.kind == .file: .file(length: status.size)
            case _?: .notAFile
            }
        try await distrustForeignCopy(entry, copy)
        memory.copy = copy
        return copy
    }

    /// A copy whose beginning is not what was recorded is of another time: nothing of it counts until it was
    /// compared.
    private func distrustForeignCopy(_ entry: JournalEntry?, _ copy: CopyState) async throws {
        guard var entry, entry.pending == nil, entry.synced > 0, case .file(let length) = copy,
            length >= entry.synced
        else { return }
        let head = try await transfer.copyBytes(
            of: target,
            from: 0,
            count: min(entry.synced, JournalEntry.headLength)
        )
        guard SHA256Value(hashing: head) != entry.headHash else { return }
        (entry.synced, entry.lineEnd, entry.headHash) = (0, 0, JournalEntry.emptyHash)
        entry.register = nil
        try await transfer.journal.record(entry)
    }

    // MARK: Carrying

    private mutating func readTail(_ entry: JournalEntry, _ memory: inout TailMemory) async throws {
        let overlap = overlap(of: entry)
        let start = entry.synced - overlap
        var count = overlap + wanted(behind: entry.synced, memory.copy)
        let theirs: [UInt8]
        if let known = prefetched, known.start == start {
            (theirs, count) = (known.bytes, known.count)
            prefetched = nil
        } else if let bytes = try await transfer.sourceBytes(of: path, from: start, count: count) {
            theirs = bytes
        } else {
            // It went away since it was looked at.
            remote = nil
            return
        }
        let ours = try await transfer.copyBytes(of: target, from: start, count: count)
        budget -= max(1, theirs.count - overlap)
        guard ours.count >= overlap else {
            memory.copy = .file(length: start + ours.count)
            return
        }
        let surplus = ours.dropFirst(overlap)
        let news = theirs.dropFirst(overlap)
        let common = zip(surplus, news).prefix { $0 == $1 }.count
        var comparison = TailComparison()
        comparison.sourceEndsEarly = theirs.count < overlap
        comparison.overlapIsEqual = theirs.prefix(overlap).elementsEqual(ours.prefix(overlap))
        if !surplus.isEmpty {
            let isEqual = common == surplus.count || (common == news.count && theirs.count == count)
            comparison.surplus = isEqual ? .equal : .differs
        }
        tail = Tail(
            comparison: comparison,
            equalSurplus: common,
            copyGoesOn: ours.count == count,
            bytes: theirs,
            overlap: overlap
        )
        if comparison.overlapIsEqual { outcome.equalByteCount += min(overlap, theirs.count) }
        // It has grown since it was looked at; otherwise this would look like a truncation in the next round.
        if let seen = remote?.size { remote?.size = max(seen, start + theirs.count) }
        try transfer.atStep(.tailRead)
    }

    /// How many of the recorded bytes are read again with those behind them.
    func overlap(of entry: JournalEntry) -> Int {
        // A short file is read from its start, since its head is still to be hashed.
        entry.synced <= JournalEntry.headLength
            ? entry.synced : min(entry.synced, max(1, transfer.options.overlapByteCount))
    }

    /// How many bytes behind the recorded ones are read: what the source had when it was looked at, what the copy
    /// has, and a little that may have come since, but not more than the budget.
    func wanted(behind synced: Int, _ copy: CopyState?) -> Int {
        var end = remote?.size ?? synced
        if case .file(let length) = copy { end = max(end, length) }
        return min(budget, max(0, end - synced) + Self.growthLength)
    }

    private mutating func advance(_ entry: JournalEntry, _ memory: inout TailMemory) async throws {
        guard let read = tail else { return }
        tail = nil
        let news = Array(read.bytes.dropFirst(read.overlap))
        let missing = Array(news.dropFirst(read.equalSurplus))
        if [.missing, .file(length: 0)].contains(memory.copy), entry.synced == 0 {
            try await createCopy(entry)
        }
        // Also where nothing is missing: what was found behind the recorded bytes may not be on the device yet.
        try await transfer.write(missing, to: target, at: entry.synced + read.equalSurplus)
        try transfer.atStep(.dataWritten)
        var next = entry
        next.advance(over: news, overlap: Array(read.bytes.prefix(read.overlap)))
        next.source = transfer.sourceName
        if let remote { next.note(remote) }
        if next != entry || unrecorded != nil { try await transfer.journal.record(next) }
        try transfer.atStep(.progressRecorded)
        unrecorded = nil
        memory.isChecked = memory.isChecked || !isDraining
        memory.copy = read.copyGoesOn ? nil : .asRecorded
        outcome.carriedByteCount += missing.count
        outcome.equalByteCount += read.equalSurplus
        outcome.hasMore = !news.isEmpty && ((remote?.size ?? 0) > next.synced || read.copyGoesOn)
    }

    private mutating func shorten(_ entry: JournalEntry, to length: Int) async throws {
        var next = entry
        (next.synced, next.register) = (length, nil)
        next.lineEnd = try await transfer.lineEnd(in: target, before: length)
        let head = try await transfer.copyBytes(
            of: target,
            from: 0,
            count: min(length, JournalEntry.headLength)
        )
        next.headHash = SHA256Value(hashing: head)
        try await transfer.journal.record(next)
    }
}

extension JournalEntry {
    /// Counts further bytes as arrived.
    ///
    /// - Parameters:
    ///   - news: the bytes behind ``synced``.
    ///   - overlap: those before; all of them while there are no more than ``headLength``.
    fileprivate mutating func advance(over news: [UInt8], overlap: [UInt8]) {
        if let last = news.lastIndex(of: UInt8(ascii: "\n")) { lineEnd = synced + last + 1 }
        if synced < Self.headLength {
            headHash = SHA256Value(hashing: Array((overlap + news).prefix(Self.headLength)))
        }
        var sum = checksum
        news.withUnsafeBytes { sum?.update($0) }
        synced += news.count
        register = sum?.register
    }
}
