import Files

/// Follows the run folders of many hosts into one folder, until it is cancelled.
///
/// Logs are seconds behind at all times. Each host fails on its own. When the task is cancelled, every host is looked
/// at once more, within a limit, and then it ends.
public struct Follower: Sendable {
    private let configuration: FollowConfiguration

    /// - Parameter configuration: what is followed, where to, and how.
    public init(configuration: FollowConfiguration) { self.configuration = configuration }

    /// Follows until the task is cancelled or the end is asked for.
    ///
    /// - Parameter request: asked once, it begins the last pass; asked again, it ends that, too.
    /// - Returns: what was done, after an orderly end.
    /// - Throws: ``CollectorError`` where the destination cannot be used, where two sources have one name, or where
    ///   every host needs a person to look at it.
    public func run(stop request: OrderlyStop = OrderlyStop()) async throws -> FollowSummary {
        try checkSources()
        do throws(FilesError) {
            try FileSystem.createDirectories(configuration.destinationRoot)
        } catch { throw CollectorError.file(error) }
        let journal = try AppendJournal(root: configuration.destinationRoot)
        if let problem = journal.problem { configuration.report(.note(problem)) }
        let stop = StopRequest()
        let shared = FollowShared(
            configuration: configuration,
            destination: LocalTransport(root: configuration.destinationRoot),
            journal: journal,
            board: StatusBoard(
                root: configuration.destinationRoot,
                names: configuration.sources.map(\.name),
                time: configuration.time,
                wallTime: configuration.wallTime,
                report: configuration.report
            ),
            owners: TargetOwners(sources: configuration.sources.map(\.location)),
            stop: stop
        )
        // A task of its own, awaited right here: cancelling the caller must begin the last pass, not break what is
        // being written.
        let work = Task { try await Self.follow(shared, request) }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            stop.raise()
        }
    }

    private func checkSources() throws {
        guard !configuration.sources.isEmpty else {
            throw CollectorError.usage("there is no source to follow")
        }
        for (kind, names) in [
            ("name", configuration.sources.map(\.name)),
            ("source", configuration.sources.map(\.location)),
        ] {
            var seen: Set<String> = []
            for name in names where !seen.insert(name).inserted {
                throw CollectorError.usage("\(name): this \(kind) is given twice")
            }
        }
    }

    private enum Ending: Sendable {
        case host(Result<FollowSummary, any Error>)
        case timeIsUp, board
    }

    @concurrent
    private static func follow(_ shared: FollowShared, _ request: OrderlyStop) async throws -> FollowSummary {
        let configuration = shared.configuration
        let writesStatus = configuration.writesStatus
        let summary = try await withThrowingTaskGroup(of: Ending.self) { group in
            if writesStatus {
                group.addTask {
                    await shared.board.run()
                    return .board
                }
            }
            group.addTask {
                await waitForLimit(shared, request)
                return .timeIsUp
            }
            for source in configuration.sources {
                group.addTask {
                    do {
                        return .host(.success(try await HostFollower(source: source, shared: shared).run()))
                    } catch {
                        return .host(.failure(error))
                    }
                }
            }
            defer { group.cancelAll() }
            return try await gather(&group, count: configuration.sources.count)
        }
        if writesStatus { await shared.board.write(isStopped: true) }
        return summary
    }

    private static func gather(
        _ group: inout ThrowingTaskGroup<Ending, any Error>,
        count: Int
    ) async throws -> FollowSummary {
        var summary = FollowSummary()
        var fatal: [any Error] = []
        var left = count
        while left > 0, let ending = try await group.next() {
            switch ending {
            case .host(.success(let host)):
                summary.add(host)
                left -= 1
            case .host(.failure(let error)):
                left -= 1
                summary.isComplete = false
                if let error = error as? CollectorError {
                    fatal.append(error)
                    summary.problems.append(error)
                }
            case .timeIsUp: group.cancelAll()
            case .board: break
            }
        }
        // With no host left to follow there is nothing to stay for; who is in charge must hear of it.
        if fatal.count == count, let first = fatal.first { throw first }
        return summary
    }

    /// Waits until the end is asked for, and then until the last pass must be over.
    private static func waitForLimit(_ shared: FollowShared, _ request: OrderlyStop) async {
        let signal = WakeSignal()
        shared.stop.add(signal)
        await first(of: { await signal.raised() }, { await request.wait(for: .finish) })
        guard !Task.isCancelled else { return }
        shared.stop.raise()
        let (time, limit) = (shared.configuration.time, shared.configuration.finalPassLimit)
        await first(of: { try? await time.sleep(limit) }, { await request.wait(for: .abort) })
    }

    private static func first(of waits: (@Sendable () async -> Void)...) async {
        await withTaskGroup { group in
            for wait in waits { group.addTask { await wait() } }
            await group.next()
            group.cancelAll()
        }
    }
}

extension FollowSummary {
    fileprivate mutating func add(_ other: FollowSummary) {
        carriedByteCount += other.carriedByteCount
        fileCount += other.fileCount
        lagByteCount += other.lagByteCount
        isComplete = isComplete && other.isComplete
        problems += other.problems
    }
}

/// Follows the run folders of many hosts into one folder, until the task is cancelled.
///
/// - Parameter configuration: what is followed, where to, and how.
/// - Returns: what was done, after an orderly end.
/// - Throws: ``CollectorError``; see ``Follower/run(stop:)``.
public func follow(_ configuration: FollowConfiguration) async throws -> FollowSummary {
    try await Follower(configuration: configuration).run()
}
