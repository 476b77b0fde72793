import Files
import Glibc
import RunRecords

/// One look at a source: what is worth keeping and not here yet is fetched, verified and kept.
///
/// A file that fails does not keep the others from being saved; a host that does not answer ends the pass.
struct BackupPass: Sendable {
    let job: BackupJob
    let environment: BackupEnvironment
    let store: BackupStore
    let isFinal: Bool

    /// How many older steps are tried where the newest is torn.
    private static let fallbackLimit = 2

    /// Carries out the pass; cancelling it leaves what it had begun to be taken up.
    ///
    /// - Returns: what was done; a failure of the whole pass is in it.
    /// - Throws: `CancellationError` alone.
    func run() async throws -> BackupReport {
        let start = environment.time.now()
        var report = BackupReport(job: job.name, isFinal: isFinal)
        var events: BackupEvents?
        do {
            events = try openEvents(&report)
            try await run(&report, events)
        } catch let error as CollectorError {
            report.failure = error
            tell(events, &report) { events throws(RunRecordsError) in
                try events.tell(error, seconds: seconds(since: start))
            }
        } catch {
            try await finish(&report, isCancelled: true)
            throw error
        }
        try await finish(&report, isCancelled: false)
        return report
    }

    private func openEvents(_ report: inout BackupReport) throws -> BackupEvents? {
        do throws(RunRecordsError) { return try BackupEvents(job, now: environment.wallClock) } catch {
            // The backup itself matters more than what is told of it.
            environment.say("\(job.name): backups are not shown on the dashboard: \(error)")
            return nil
        }
    }

    private func tell(
        _ events: BackupEvents?,
        _ report: inout BackupReport,
        _ body: (BackupEvents) throws(RunRecordsError) -> Void
    ) {
        guard let events else { return }
        do throws(RunRecordsError) { try body(events) } catch {
            environment.say("\(job.name): an attempt is not shown on the dashboard: \(error)")
        }
    }

    /// Notes how the pass ended, and lets go of old copies.
    private func finish(_ report: inout BackupReport, isCancelled: Bool) async throws {
        do {
            report.pruned = try await store.prune(job.retention)
            guard !isCancelled else { return }
            if report.isVerified { try await store.removePartials() }
            try await store.notePass(
                succeeded: report.isVerified,
                message: report.firstError.map { "\($0)" }
            )
        } catch let error as CollectorError {
            report.failure = report.failure ?? error
        }
    }

    private func run(_ report: inout BackupReport, _ events: BackupEvents?) async throws {
        let transport = try await environment.open(job.source)
        do {
            try await run(transport, &report, events)
        } catch {
            await transport.close()
            throw error
        }
        await transport.close()
    }

    private func run(
        _ transport: any Transport,
        _ report: inout BackupReport,
        _ events: BackupEvents?
    ) async throws {
        let files = try await list(transport, &report)
        let selection = BackupSelection(files, isFinal: isFinal)
        report.problems += selection.problems
        let queues = selection.queues(fallbackLimit: Self.fallbackLimit)
        // Listings may tell times to the minute, or none; and a look at all of them now lets all rest at once.
        let seen = environment.time.now()
        let paths = queues.joined().map(\.path)
        let statuses = Dictionary(zip(paths, try await transport.status(of: paths))) { first, _ in first }
        for queue in queues {
            for var candidate in queue {
                if let status = statuses[candidate.path] ?? nil { candidate.file.status = status }
                let file = try await save(candidate, from: transport, seen: seen)
                report.files.append(file)
                tell(events, &report) { events throws(RunRecordsError) in try events.tell(file) }
                guard case .failed(let error) = file.outcome else { break }
                if error.endsPass {
                    report.failure = error
                    return
                }
                // An older step that is whole is better than none; the newest stays reported as failed.
                guard case .verification = error else { break }
            }
        }
    }

    /// The files of the source; where folders cannot be listed, those with well-known names.
    private func list(
        _ transport: any Transport,
        _ report: inout BackupReport
    ) async throws -> [ListedFile] {
        if transport.capabilities.contains(.list) {
            let listing = try await transport.list(nil, recursively: true)
            report.problems += listing.problems
            return listing.files
        }
        let paths = try Self.wellKnownNames.map { try RelativePath(validating: $0) }
        return zip(paths, try await transport.status(of: paths)).compactMap { path, status in
            status.map { ListedFile(path: path, status: $0) }
        }
    }

    private static let wellKnownNames = [
        "epoch_history.log", "best.safetensors", "best.pt", "final.safetensors", "final.pt",
    ]

    private func save(
        _ candidate: BackupSelection.Candidate,
        from transport: any Transport,
        seen: Duration
    ) async throws -> BackupReport.File {
        try Task.checkCancellation()
        let start = environment.time.now()
        let outcome: BackupReport.Outcome
        do {
            outcome = try await attempt(candidate, from: transport, seen: seen)
        } catch let error as CollectorError {
            outcome = .failed(error)
        }
        return BackupReport.File(
            path: candidate.path,
            kind: candidate.name.kind,
            outcome: outcome,
            seconds: seconds(since: start)
        )
    }

    private func attempt(
        _ candidate: BackupSelection.Candidate,
        from transport: any Transport,
        seen: Duration
    ) async throws -> BackupReport.Outcome {
        let source = transport.displayName
        let canHash = transport.capabilities.contains(.hash)
        if let entry = await store.current(candidate.file, source: source) {
            if entry.isVerified { return .unchanged(entry) }
            // With a hash of the source what was put aside might be verified after all.
            if !canHash { return .quarantined(entry) }
        }
        if canHash, await store.mayKnow(candidate.file.status.size) {
            let hash = try await transport.sha256(of: candidate.path, prefix: nil)
            if let entry = try await store.adopt(candidate, sha256: hash, source: source) {
                return .known(entry)
            }
        }
        let fetched = try await environment.fetcher.fetch(
            candidate.path,
            from: transport,
            into: store.folder.path,
            seen: ObservedStatus(status: candidate.file.status, time: seen)
        )
        let entry = try await store.keep(fetched, as: candidate, source: source)
        return entry.action == .quarantined
            ? .quarantined(entry) : .stored(entry, carriedByteCount: fetched.carriedByteCount)
    }

    private func seconds(since start: Duration) -> Double {
        let parts = (environment.time.now() - start).components
        return Double(parts.seconds) + (Double(parts.attoseconds) / 1e18 * 1000).rounded() / 1000
    }
}

extension CollectorError {
    /// Whether the next file of the same host would fail the same way.
    var endsPass: Bool {
        switch self {
        case .connection, .connectTimeout, .timeout, .stream, .hostUnknown, .hostKeyChanged, .authentication,
            .usage, .configuration:
            true
        case .file(let error): error.code == ENOSPC || error.code == EROFS || error.code == EDQUOT
        case .selection, .protocolViolation, .remoteFile, .vanished, .exists, .refused, .changed,
            .verification, .deletionStopped, .partial:
            false
        }
    }
}
