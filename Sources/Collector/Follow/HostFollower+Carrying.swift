import Files

extension HostFollower {
    /// How much one poll of one file should take at most, so that the others need not wait for long.
    private static let secondsPerPoll = 0.5
    private static let smallestBudget = 64 << 10

    /// What one poll of one file gave.
    private struct Polled: Sendable {
        var file: FollowedFile
        var result: Result<TailOutcome, any Error>
    }

    /// Looks at every file that is due, and carries what it gained.
    ///
    /// - Parameter transfer: carries by the connection there is.
    /// - Throws: ``CollectorError`` where the connection is broken or the host cannot be trusted.
    func carryDue(_ transfer: TailTransfer) async throws {
        let due = dueFiles(isBatch: transfer.source.capabilities.contains(.batchStatus))
        guard !due.isEmpty else { return }
        let start = now
        var transfer = transfer
        transfer.options.bytesPerPoll = budget
        if transfer.source.capabilities.contains(.batchStatus) {
            for part in stride(from: 0, to: due.count, by: 1_000) {
                let some = Array(due[part..<min(part + 1_000, due.count)])
                let statuses = try await transfer.source.status(of: some)
                try await carry(Array(zip(some, statuses)), transfer)
            }
        } else {
            try await carry(due.map { ($0, nil) }, transfer)
            lookCost = (lookCost + (now - start) / due.count) / 2
        }
    }

    /// Those that are due, the longest overdue first; with a batch also those that would be due very soon.
    private func dueFiles(isBatch: Bool) -> [RelativePath] {
        let limit = now + (isBatch ? configuration.schedule.activeInterval / 4 : .zero)
        guard files.values.contains(where: { $0.pace.due <= now }) else { return [] }
        return files.values.filter { $0.pace.due <= limit }
            .sorted { ($0.pace.due, $0.path) < ($1.pace.due, $1.path) }
            .map(\.path)
    }

    private var budget: Int {
        let most = configuration.append.bytesPerPoll
        guard let bytesPerSecond else { return most }
        let fair = bytesPerSecond * Self.secondsPerPoll
        return fair < Double(most) ? min(most, max(Self.smallestBudget, Int(fair))) : most
    }

    /// Polls files, some at once; each comes with what the source told, nil where it was not asked or nothing is there.
    private func carry(_ looked: [(RelativePath, FileStatus?)], _ transfer: TailTransfer) async throws {
        let isBatch = transfer.source.capabilities.contains(.batchStatus)
        var waiting: [(FollowedFile, FileStatus?)] = []
        for (path, status) in looked {
            guard let file = files[path], isOwned(file, isGone: isBatch && status == nil) else { continue }
            if isBatch, transfer.isSettled(file.memory, status, file.outcome) {
                noteLook(path, hasChanged: false)
            } else {
                waiting.append((file, status))
            }
        }
        guard !waiting.isEmpty else { return }
        let limit = max(1, configuration.filesAtOnce)
        var failure: (any Error)?
        let (start, before) = (now, carriedByteCount)
        await withTaskGroup(of: Polled.self) { group in
            var next = waiting.makeIterator()
            func addNext() {
                guard failure == nil, let (file, status) = next.next() else { return }
                group.addTask { await Self.poll(file, status, isLooked: isBatch, transfer) }
            }
            for _ in 0..<limit { addNext() }
            while let polled = await group.next() {
                do { try take(polled) } catch { failure = failure ?? error }
                addNext()
            }
        }
        noteSpeed(carriedByteCount - before, since: start)
        if let failure { throw failure }
    }

    /// Whether a file is still this host's; one that was gone may have turned up on another.
    private func isOwned(_ file: FollowedFile, isGone: Bool) -> Bool {
        guard file.isAbsent, !isGone else { return true }
        let owner = shared.owners.claim(file.target, by: source.location, former: source.location)
        if owner != source.location { files[file.path] = nil }
        return owner == source.location
    }

    private func noteSpeed(_ byteCount: Int, since start: Duration) {
        let seconds = (now - start).inSeconds
        guard byteCount >= Self.smallestBudget, seconds > 0 else { return }
        let speed = Double(byteCount) / seconds
        bytesPerSecond = bytesPerSecond.map { ($0 + speed) / 2 } ?? speed
    }

    private static func poll(
        _ file: FollowedFile,
        _ status: FileStatus?,
        isLooked: Bool,
        _ transfer: TailTransfer
    ) async -> Polled {
        var file = file
        do {
            let outcome =
                isLooked
                ? try await transfer.poll(file.path, as: file.target, status: status, memory: &file.memory)
                : try await transfer.poll(file.path, as: file.target, memory: &file.memory)
            return Polled(file: file, result: .success(outcome))
        } catch {
            return Polled(file: file, result: .failure(error))
        }
    }

    // MARK: What came of it

    private func take(_ polled: Polled) throws {
        let path = polled.file.path
        files[path]?.memory = polled.file.memory
        switch polled.result {
        case .success(let outcome): take(outcome, of: polled.file)
        case .failure(let error as CollectorError):
            if Self.concernsHost(error) { throw error }
            take(error, of: path)
        case .failure(let error): throw error
        }
    }

    private func take(_ outcome: TailOutcome, of file: FollowedFile) {
        let path = file.path
        files[path]?.backoff.reset()
        files[path]?.problem = nil
        files[path]?.noteLag(outcome.lagByteCount, at: now)
        if outcome.carriedByteCount > 0 {
            carriedByteCount += outcome.carriedByteCount
            files[path]?.newestData = configuration.wallTime()
            configuration.report(
                .carried(host: source.name, path: file.target, byteCount: outcome.carriedByteCount)
            )
        }
        for reason in outcome.reasons {
            configuration.report(.generation(host: source.name, path: file.target, reason: reason.text))
        }
        if outcome.isVanished, !file.isVanished {
            configuration.report(.vanished(host: source.name, path: file.target))
        }
        files[path]?.isVanished = outcome.isVanished
        files[path]?.outcome = outcome
        let hasChanged = outcome.carriedByteCount > 0 || !outcome.reasons.isEmpty
        noteLook(path, hasChanged: hasChanged)
        // A poll that got nowhere is not repeated at once, whatever it says.
        let hasProgress = hasChanged || outcome.syncedByteCount != file.outcome?.syncedByteCount
        if outcome.hasMore, hasProgress { files[path]?.pace.hurry(now) }
    }

    private func take(_ error: CollectorError, of path: RelativePath) {
        guard let file = files[path] else { return }
        if file.problem != error { configuration.report(.problem(host: source.name, error: error)) }
        files[path]?.problem = error
        files[path]?.outcome?.hasMore = false
        if let size = files[path]?.memory.status?.size {
            files[path]?.noteLag(max(0, size - (file.outcome?.syncedByteCount ?? 0)), at: now)
        }
        let delay = files[path]?.backoff.next(random: configuration.random()) ?? .seconds(1)
        files[path]?.pace.wait(max(delay, configuration.schedule.activeInterval), from: now)
    }

    private func noteLook(_ path: RelativePath, hasChanged: Bool) {
        let schedule = configuration.schedule
        // Looking at files one by one must not take all the time there is.
        let sweep = lookCost * files.count / max(0.01, schedule.share)
        let idle = looksOneByOne ? schedule.idleIntervalOneByOne : schedule.idleInterval
        let slowest = watch.isWatching ? schedule.watchedInterval : max(idle, sweep)
        files[path]?.pace.noteLook(hasChanged: hasChanged, at: now, schedule, slowest: slowest)
    }

    /// Whether no other file of the host could be carried either.
    static func concernsHost(_ error: CollectorError) -> Bool {
        switch error {
        case .connection, .connectTimeout, .timeout, .stream: true
        default: [.fatal, .slow].contains(error.retryClass)
        }
    }
}

extension TailTransfer {
    /// Whether a poll would find nothing to do, so that it can be left out.
    func isSettled(_ memory: TailMemory, _ status: FileStatus?, _ outcome: TailOutcome?) -> Bool {
        guard let outcome, !outcome.hasMore, memory.status == status else { return false }
        if status == nil { return outcome.isVanished }
        guard memory.copy == .asRecorded, memory.isChecked, outcome.lagByteCount == 0,
            let audit = memory.auditTime
        else { return false }
        let isAuditDue =
            time.now() - audit >= options.auditInterval && memory.changeTime + .seconds(5) >= audit
        return !isAuditDue
    }
}
