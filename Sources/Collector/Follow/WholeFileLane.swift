import Files

/// Carries the files of one host that are replaced as a whole, one after the other, beside its logs.
///
/// It has a connection of its own, since a clip of a gigabyte must not keep the logs waiting.
actor WholeFileLane {
    private let source: FollowSource
    private let shared: FollowShared
    private nonisolated let signal = WakeSignal()
    private nonisolated let ended = WakeSignal()

    private struct Offer {
        var target: RelativePath
        var status: FileStatus
        /// Not before this moment, after a failure.
        var due: Duration
    }

    /// What waits to be carried.
    private var offers: [RelativePath: Offer] = [:]
    /// What a file was at the source when it was carried.
    private var carried: [RelativePath: FileStatus] = [:]
    private var failures: [RelativePath: (error: CollectorError, backoff: Backoff)] = [:]
    private var connection: (any Transport)?
    private var connectionBackoff = Backoff()
    private var isFinishing = false
    private(set) var carriedByteCount = 0

    init(source: FollowSource, shared: FollowShared) {
        self.source = source
        self.shared = shared
    }

    /// Files that cannot be carried.
    var problems: [CollectorError] { failures.keys.sorted().compactMap { failures[$0]?.error } }

    private var now: Duration { shared.configuration.time.now() }

    /// Takes note of a file as it is now at its source.
    func offer(_ path: RelativePath, _ target: RelativePath, _ status: FileStatus) {
        guard carried[path] != status, offers[path]?.status != status else { return }
        guard offers[path] != nil || offers.count + carried.count < shared.configuration.fileLimit else {
            return
        }
        offers[path] = Offer(target: target, status: status, due: now)
        signal.raise()
    }

    /// Carries what is offered until it is cancelled or finished.
    func run() async {
        while !Task.isCancelled {
            if let path = nextDue() {
                await carry(path)
                // Towards the end everything is tried once.
                if isFinishing { offers[path] = nil }
            } else if isFinishing {
                break
            } else {
                let next = offers.values.map(\.due).min()
                await signal.wait(next.map { $0 - now } ?? .seconds(3_600), shared.configuration.time)
            }
        }
        ended.raise()
    }

    /// Waits until everything that is offered was tried once more.
    func finish() async {
        isFinishing = true
        signal.raise()
        await ended.raised()
    }

    /// Ends the connection.
    func close() async {
        await connection?.close()
        connection = nil
    }

    /// Descriptions of runs first: they are small, and a page without one is poor.
    private func nextDue() -> RelativePath? {
        let now = self.now
        return offers.filter { isFinishing || $0.value.due <= now }.keys.min { left, right in
            let (isLeft, isRight) = (left.lastComponent == "run.json", right.lastComponent == "run.json")
            return isLeft == isRight ? left < right : isLeft
        }
    }

    private func carry(_ path: RelativePath) async {
        guard let offer = offers[path] else { return }
        do {
            if try await isThere(offer) {
                await shared.configuration.wholeFiles.clear(after: offer.target, on: shared.destination)
                note(path, offer)
                return
            }
            let transport = try await connect()
            let count = try await shared.configuration.wholeFiles.carry(
                path,
                from: transport,
                to: shared.destination,
                as: offer.target
            )
            carriedByteCount += count
            note(path, offer)
            failures[path] = nil
            connectionBackoff.reset()
            shared.configuration.report(.carried(host: source.name, path: offer.target, byteCount: count))
        } catch let error as CollectorError {
            await noteFailure(error, path)
        } catch {
            // Cancelled: the loop ends.
            return
        }
    }

    private func note(_ path: RelativePath, _ offer: Offer) {
        carried[path] = offer.status
        // It may have changed again meanwhile.
        if offers[path]?.status == offer.status { offers[path] = nil }
    }

    /// Whether an earlier process carried it already: carried files keep their time.
    private func isThere(_ offer: Offer) async throws -> Bool {
        guard let copy = try await shared.destination.status(of: offer.target), copy.kind == .file,
            copy.size == offer.status.size,
            let theirs = offer.status.modifiedNanoseconds, let ours = copy.modifiedNanoseconds
        else { return false }
        return ours == theirs
    }

    private func connect() async throws -> any Transport {
        if let connection { return connection }
        let opened = try await source.open()
        connection = opened
        return opened
    }

    private func noteFailure(_ error: CollectorError, _ path: RelativePath) async {
        if case .vanished = error {
            offers[path] = nil
            return
        }
        let random = shared.configuration.random()
        if HostFollower.concernsHost(error) {
            // The logs' own connection tells how the host is; here everything just waits.
            await close()
            let delay = connectionBackoff.next(after: error, random: random)
            for other in offers.keys { offers[other]?.due = max(offers[other]?.due ?? now, now + delay) }
            return
        }
        var backoff = failures[path]?.backoff ?? Backoff()
        if failures[path]?.error != error {
            shared.configuration.report(.problem(host: source.name, error: error))
        }
        offers[path]?.due = now + backoff.next(random: random)
        failures[path] = (error, backoff)
    }
}
