import Files

/// One sync from beginning to end: looks, plans, carries, removes, and says what it did.
public struct SyncRun: Sendable {
    private let options: SyncOptions
    private let connections: SyncConnections
    private let time: MonotonicTime
    private let report: @Sendable (SyncEvent) -> Void

    /// - Parameters:
    ///   - options: what is to be done.
    ///   - connections: how places are reached.
    ///   - time: the clock by which checkpoints rest.
    ///   - report: told what happens, in order, from any one task at a time; progress comes from any thread.
    public init(
        options: SyncOptions,
        connections: SyncConnections,
        time: MonotonicTime = .system,
        report: @escaping @Sendable (SyncEvent) -> Void
    ) {
        self.options = options
        self.connections = connections
        self.time = time
        self.report = report
    }

    /// Syncs.
    ///
    /// Cancelling the task ends it cleanly: what was carried stays, partial files are kept.
    ///
    /// - Returns: how it ended; it never throws.
    public func run() async -> SyncResult {
        var tally = SyncTally()
        do {
            try await perform(&tally)
        } catch {
            tally.end(with: error)
        }
        return tally.result
    }

    private func perform(_ tally: inout SyncTally) async throws {
        var sources: [SyncSource] = []
        var destination: SyncDestination?
        let result: Result<Void, any Error>
        do {
            for location in options.sources {
                sources.append(
                    try await SyncSource.open(
                        location,
                        listsNames: options.fileNames != nil,
                        by: connections
                    )
                )
            }
            try await perform(&tally, from: sources, destination: &destination)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for source in sources { await source.transport.close() }
        await destination?.transport.close()
        try result.get()
    }

    private func perform(
        _ tally: inout SyncTally,
        from sources: [SyncSource],
        destination opened: inout SyncDestination?
    ) async throws {
        var situation = SyncSituation()
        let startTime = time.now()
        try await addEntries(of: sources, to: &situation, tally: &tally)
        guard !situation.entries.isEmpty else { return }
        let destination = try await SyncDestination.open(options, entries: situation.entries, by: connections)
        opened = destination
        if destination.wasCreated { report(.createdDestination(options.destination.path)) }
        try renameOnlyFile(to: destination, in: situation)
        try await look(at: destination, from: sources, situation: &situation)
        let plan = SyncPlanner(options: options, situation: situation).plan()
        try SyncSafety.check(plan, situation: situation, tops: sources.map(\.name))
        let executor = SyncExecutor(
            options: options,
            sources: sources,
            destination: destination,
            connections: connections,
            time: time,
            listedAt: startTime,
            report: report
        )
        try await executor.execute(plan, tally: &tally)
    }

    // MARK: Looking

    private func addEntries(
        of sources: [SyncSource],
        to situation: inout SyncSituation,
        tally: inout SyncTally
    ) async throws {
        var present: Set<RelativePath> = []
        var hasTop = false
        for (index, source) in sources.enumerated() {
            let contents: SyncSource.Contents
            do {
                contents = try await source.contents(options)
            } catch let error as CollectorError where !error.stopsSync && sources.count > 1 {
                contents = SyncSource.Contents(problems: [error], isComplete: false)
            }
            for name in contents.skipped { report(.skipped(name)) }
            for problem in contents.problems { tally.note(problem, report) }
            if !contents.isComplete { situation.isComplete = false }
            if let top = contents.top, !hasTop {
                hasTop = true
                situation.entries.append(SyncEntry(path: nil, status: top, sourceIndex: index))
            }
            var excluded: Set<RelativePath> = []
            for file in contents.entries.sorted(by: { $0.path < $1.path }) {
                let isFolder = file.status.kind == .directory
                let isInside = file.path.parent.map { excluded.contains($0) } ?? false
                let isOwn = OwnNames.contain(file.path, partialFolder: options.partialFolder)
                if isInside || isOwn || options.rules.excludes(file.path, isFolder: isFolder) {
                    if isFolder { excluded.insert(file.path) }
                } else if present.insert(file.path).inserted {
                    situation.entries.append(
                        SyncEntry(path: file.path, status: file.status, sourceIndex: index)
                    )
                }
            }
        }
    }

    private func renameOnlyFile(to destination: SyncDestination, in situation: SyncSituation) throws {
        guard let name = destination.fileName, let path = situation.entries.first?.path else { return }
        let isRenamed = path.lastComponent != name.lastComponent
        if isRenamed, FileClass(of: path) == .append || FileClass(of: name) == .append {
            throw CollectorError.usage(
                "\(path): a log keeps its name, so that it can be continued; name the folder it is to be in"
            )
        }
    }

    private func look(
        at destination: SyncDestination,
        from sources: [SyncSource],
        situation: inout SyncSituation
    ) async throws {
        let transport = destination.transport
        let ends = sources.map(\.transport.capabilities) + [transport.capabilities]
        situation.hasFineTimes = ends.allSatisfy { $0.contains(.fineTimes) }
        situation.isSending = !transport.capabilities.contains(.local)
        guard destination.exists else { return }
        // As rsync sees it, what --mkpath created was there.
        if !destination.wasCreated || options.createsParents, destination.fileName == nil {
            situation.top = transport.rootStatus
        }
        if options.deletes {
            for top in sources.map(\.name) {
                // The folder may be missing at the destination, or be a file there.
                if let top, try await transport.status(of: top)?.kind != .directory { continue }
                for file in try await transport.list(top, recursively: true).files {
                    situation.destination[file.path] = file.status
                }
            }
        }
        let unseen = situation.entries.compactMap(\.path)
            .map { destination.fileName ?? $0 }
            .filter { situation.destination[$0] == nil }
        for start in stride(from: 0, to: unseen.count, by: 512) {
            let batch = Array(unseen[start..<min(start + 512, unseen.count)])
            for (path, status) in zip(batch, try await transport.status(of: batch)) {
                if let status { situation.destination[path] = status }
            }
        }
        if let name = destination.fileName, let path = situation.entries.first?.path {
            situation.destination = [path: situation.destination[name]].compactMapValues { $0 }
        }
        if options.comparesChecksums {
            situation.equalContents = try await equalContents(situation, sources, destination)
        }
    }

    private func equalContents(
        _ situation: SyncSituation,
        _ sources: [SyncSource],
        _ destination: SyncDestination
    ) async throws -> Set<RelativePath> {
        for transport in sources.map(\.transport) + [destination.transport]
        where !transport.capabilities.contains(.hash) {
            throw CollectorError.usage(
                "--checksum: \(transport.displayName) cannot compute checksums where the files are; leave it out"
            )
        }
        var equal: Set<RelativePath> = []
        for entry in situation.entries where entry.status.kind == .file {
            try Task.checkCancellation()
            guard let path = entry.path, let existing = situation.destination[path], existing.kind == .file,
                existing.size == entry.status.size
            else { continue }
            let transport = sources[entry.sourceIndex].transport
            let target = destination.fileName ?? path
            // Whatever fails here fails again, and is reported, when the file is carried.
            async let there = try? transport.sha256(of: path, prefix: nil)
            async let here = try? destination.transport.sha256(of: target, prefix: nil)
            if let there = await there, let here = await here, there == here { equal.insert(path) }
        }
        return equal
    }
}
