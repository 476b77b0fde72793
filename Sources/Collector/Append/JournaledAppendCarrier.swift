public import Files

/// Carries append files for a sync: each up to what its source had when it was looked at.
///
/// It keeps what it knows in the destination's journal, so the next sync and every follower go on from there.
public struct JournaledAppendCarrier: AppendCarrier {
    private let transfer: TailTransfer
    private let target: @Sendable (RelativePath) throws -> RelativePath

    /// - Parameters:
    ///   - source: where files grow.
    ///   - sourceName: what the source is called in the journal; the transport's name unless given.
    ///   - destination: where copies grow.
    ///   - journal: of that destination.
    ///   - options: how files are carried.
    ///   - target: the path at the destination of a path at the source.
    public init(
        source: any Transport,
        sourceName: String? = nil,
        destination: any WritableTransport,
        journal: AppendJournal,
        options: AppendOptions = AppendOptions(),
        target: @escaping @Sendable (RelativePath) throws -> RelativePath = { $0 }
    ) {
        self.target = target
        transfer = TailTransfer(
            source: source,
            sourceName: sourceName ?? source.displayName,
            destination: destination,
            journal: journal,
            options: options
        )
    }

    /// Carries what a file has gained.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - status: what the source told about it last.
    /// - Returns: what was carried.
    /// - Throws: ``CollectorError``, `CancellationError`; ``CollectorError/vanished(_:)`` where the source is gone.
    public func carry(_ path: RelativePath, status: FileStatus) async throws -> AppendOutcome {
        let target = try target(path)
        var memory = TailMemory()
        var sum = AppendOutcome(carriedByteCount: 0)
        var known: FileStatus? = status
        while true {
            let outcome = try await transfer.poll(path, as: target, status: known, memory: &memory)
            sum.carriedByteCount += outcome.carriedByteCount
            sum.equalByteCount += outcome.equalByteCount
            if let reason = outcome.reasons.last { sum.newGenerationReason = reason.text }
            if outcome.isVanished { throw CollectorError.vanished(path.string) }
            // A writer may be faster than the line: what came after the look at the file is left to the next sync.
            guard outcome.hasMore, outcome.syncedByteCount < status.size || !outcome.reasons.isEmpty else {
                return sum
            }
            known = try await transfer.source.status(of: path)
        }
    }
}
