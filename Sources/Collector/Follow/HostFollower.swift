import Files

/// Follows one host: connects, looks, carries, waits; and begins anew after every failure.
///
/// It belongs to one task. What it shares with other hosts are the journal, the destination and the board.
final class HostFollower {
    let source: FollowSource
    let shared: FollowShared
    let selection: FollowSelection
    var files: [RelativePath: FollowedFile] = [:]
    var whole: WholeFileLane
    var host: CollectorStatus.Host
    /// When new files are looked for next.
    var listingDue = Duration.zero
    var listingInterval: Duration
    /// When new files are looked for at the earliest, whatever changes.
    var soonestListing = Duration.zero
    /// How long looking at one file took lately, for channels that look at one at a time.
    var lookCost = Duration.zero
    /// Whether the channel can look at one file at a time only.
    var looksOneByOne = false
    /// How many bytes per second came lately; nil before anything did.
    var bytesPerSecond: Double?
    /// Problems with names and folders that were told already.
    var toldProblems: Set<String> = []
    let signal = WakeSignal()
    let watch: FolderWatch
    private var backoff = Backoff()

    init(source: FollowSource, shared: FollowShared) {
        self.source = source
        self.shared = shared
        selection = FollowSelection(
            includesCheckpoints: shared.configuration.includesCheckpoints,
            includesOtherFiles: shared.configuration.includesOtherFiles,
            selects: shared.configuration.selects
        )
        host = CollectorStatus.Host(name: source.name)
        listingInterval = shared.configuration.schedule.listingInterval
        watch = FolderWatch(root: source.localRoot, signal: signal)
        whole = WholeFileLane(source: source, shared: shared)
    }

    var configuration: FollowConfiguration { shared.configuration }
    var now: Duration { configuration.time.now() }

    /// Follows until the end is asked for.
    ///
    /// - Returns: what was done.
    /// - Throws: ``CollectorError`` where only a person can help.
    func run() async throws -> FollowSummary {
        shared.stop.add(signal)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [watch] in await watch.run() }
            group.addTask { [whole] in await whole.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await follow()) } catch { result = .failure(error) }
            if case .success = result { await whole.finish() }
            group.cancelAll()
            try await group.waitForAll()
            await whole.close()
            var summary = await summary()
            do { try result.get() } catch is CancellationError {
                // The last pass took too long; what came before it still came.
                summary.isComplete = false
            }
            return summary
        }
    }

    private func follow() async throws {
        while true {
            // After the end was asked for there is one attempt more.
            let isLast = shared.stop.isStopping
            do {
                try await connectAndFollow()
                return
            } catch let error as CollectorError {
                try await noteFailure(error, isLast: isLast)
                if isLast { return }
            }
        }
    }

    private func connectAndFollow() async throws {
        let transport = try await source.open()
        do {
            try await follow(by: transport)
        } catch {
            await transport.close()
            throw error
        }
        await transport.close()
    }

    private func follow(by transport: any Transport) async throws {
        looksOneByOne = !transport.capabilities.contains(.batchStatus)
        for path in files.keys {
            files[path]?.memory.noteReconnection()
            files[path]?.pace.hurry(now)
        }
        listingDue = now
        let transfer = TailTransfer(
            source: transport,
            sourceName: source.location,
            destination: shared.destination,
            journal: shared.journal,
            options: configuration.append,
            time: configuration.time
        )
        while true {
            let isLast = shared.stop.isStopping
            if isLast {
                listingDue = now
                for path in files.keys { files[path]?.pace.hurry(now) }
            }
            try await pass(transfer)
            // Over what much data goes is decided when it first comes.
            host.channel = source.channel(transport)
            noteSuccess()
            await publish()
            if isLast, !files.values.contains(where: { $0.outcome?.hasMore ?? false }) { return }
            if !isLast { await waitForWork() }
        }
    }

    /// Looks for new files and at known ones where it is time, and carries what they gained.
    private func pass(_ transfer: TailTransfer) async throws {
        if watch.takesRescan() { listingDue = now }
        hurryChanged()
        if listingDue <= now { try await discover(transfer.source) }
        try await carryDue(transfer)
    }

    private func hurryChanged() {
        let changed = watch.takeChanged()
        guard !changed.isEmpty else { return }
        for path in changed {
            if files[path] != nil {
                files[path]?.pace.hurry(now)
            } else {
                // New, or replaced as a whole, or none of ours.
                listingDue = min(listingDue, max(now, soonestListing))
            }
        }
    }

    private func waitForWork() async {
        let next = files.values.lazy.map(\.pace.due).min() ?? listingDue
        await signal.wait(min(next, listingDue) - now, configuration.time)
    }

    // MARK: Health

    private func noteSuccess() {
        if !host.isReachable {
            configuration.report(.connected(host: source.name, channel: host.channel))
        }
        host.isReachable = true
        host.lastSuccess = configuration.wallTime()
        host.attempts = 0
        host.error = files.values.lazy.compactMap { $0.problem?.description }.min()
        backoff.reset()
    }

    private func noteFailure(_ error: CollectorError, isLast: Bool) async throws {
        let isFatal = error.retryClass == .fatal
        let delay = backoff.next(after: error, random: configuration.random())
        configuration.report(
            .disconnected(host: source.name, error: error, retryAfter: isFatal || isLast ? nil : delay)
        )
        host.isReachable = false
        host.error = error.description
        host.attempts = backoff.attempts
        await publish()
        if isFatal { throw error }
        let end = now + delay
        while !isLast, now < end, !shared.stop.isStopping {
            await signal.wait(end - now, configuration.time)
            try Task.checkCancellation()
        }
    }

    /// Tells the board how things are.
    func publish() async {
        let now = self.now
        var runs: [String: CollectorStatus.Run] = [:]
        var lag = LagReport()
        for file in files.values {
            var run = runs[file.runID] ?? CollectorStatus.Run(id: file.runID, host: source.name)
            let fileLag = file.lag(at: now)
            run.fileCount += 1
            run.generationCount += file.outcome?.generation ?? 0
            run.vanishedCount += file.isVanished ? 1 : 0
            run.newestData = [run.newestData, file.newestData].compactMap { $0 }.max()
            run.lag.add(fileLag)
            lag.add(fileLag)
            runs[file.runID] = run
        }
        host.fileCount = files.count
        host.lag = lag
        await shared.board.update(host, runs.values.sorted { $0.id < $1.id })
    }

    private func summary() async -> FollowSummary {
        var summary = FollowSummary()
        summary.carriedByteCount = carriedByteCount
        summary.fileCount = files.count
        summary.lagByteCount = host.lag.byteCount
        summary.isComplete = host.isReachable
        summary.problems = files.keys.sorted().compactMap { files[$0]?.problem }
        summary.problems += await whole.problems
        summary.carriedByteCount += await whole.carriedByteCount
        return summary
    }

    /// Bytes of append files that arrived.
    var carriedByteCount = 0
}

extension LagReport {
    /// Adds what another file lacks; the time is that of the one that lags longest.
    mutating func add(_ other: LagReport) {
        byteCount += other.byteCount
        seconds = max(seconds, other.seconds)
    }
}

/// What the hosts of one follower share.
struct FollowShared: Sendable {
    let configuration: FollowConfiguration
    let destination: any WritableTransport
    let journal: AppendJournal
    let board: StatusBoard
    let owners: TargetOwners
    let stop: StopRequest
}
