import Files

/// A file that came whole but has not got its name yet.
struct FetchedFile: Sendable, Hashable {
    /// Where it lies, below the job's folder.
    var partial: RelativePath
    /// What the source was, before and after.
    var status: FileStatus
    /// Of its contents.
    var sha256: SHA256Value
    /// How far it is known to be what the source has.
    var verification: BackupVerification
    /// Bytes that came from the source this time.
    var carriedByteCount: Int
}

/// Brings one file of a source into the folder of a job and verifies it there.
protocol CheckpointFetcher: Sendable {
    /// Fetches a file; what broke off earlier is taken up where it stopped.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - source: where it is.
    ///   - folder: of the job.
    ///   - seen: an earlier look at it, which counts for its rest.
    /// - Returns: where it lies and what is known about it.
    /// - Throws: ``CollectorError``; ``CollectorError/verification(_:reason:)`` for a torn or half-written one.
    func fetch(
        _ path: RelativePath,
        from source: any Transport,
        into folder: String,
        seen: ObservedStatus?
    ) async throws -> FetchedFile
}

/// Fetches checkpoints by ``WholeFileTransfer`` and logs, which grow meanwhile, as they were at one moment.
struct TransferFetcher: CheckpointFetcher {
    private let transfer: WholeFileTransfer

    /// - Parameter time: the clock by which a checkpoint rests.
    init(time: MonotonicTime = .system) {
        var options = WholeFileOptions()
        // What was allocated and not written yet has the hash of its source as well.
        options.requiresCheckpoint = true
        transfer = WholeFileTransfer(options: options, time: time)
    }

    func fetch(
        _ path: RelativePath,
        from source: any Transport,
        into folder: String,
        seen: ObservedStatus?
    ) async throws -> FetchedFile {
        let store = LocalTransport(root: folder)
        if CheckpointName(path).map({ [.history, .log].contains($0.kind) }) ?? false {
            return try await LogSnapshot(path: path, source: source, store: store).take()
        }
        let received = try await transfer.receive(path, from: source, to: store, near: path, seen: seen)
        var hash = received.sha256
        if hash == nil { hash = try await store.sha256(of: received.partial, prefix: nil) }
        guard let hash else { throw CollectorError.vanished(received.partial.string) }
        return FetchedFile(
            partial: received.partial,
            status: received.status,
            sha256: hash,
            verification: BackupVerification(received.verification),
            carriedByteCount: received.carriedByteCount
        )
    }
}
