import Files

/// Carries what append files have gained from one source to one destination.
///
/// Bytes go to their exact offset, then to the device, then into the journal. The copy is at every moment a
/// beginning of what the source had; a source that does not continue it begins a new generation, and the copy is
/// kept under another name. Nothing is overwritten and nothing is deleted.
///
/// One poll of one file runs at a time; different files may be polled at once.
struct TailTransfer: Sendable {
    let source: any Transport
    let destination: any WritableTransport
    let journal: AppendJournal
    var options: AppendOptions
    let time: MonotonicTime
    /// What the source is called in the journal.
    let sourceName: String
    /// A number below another one, for the blocks of an audit.
    let random: @Sendable (Int) -> Int
    /// Seconds since 1970.
    let wallTime: @Sendable () -> Double
    /// Called after each step; a test ends the poll there by throwing.
    let atStep: @Sendable (AppendStep) throws -> Void

    /// How often one poll looks anew before it leaves the rest to the next one.
    private static let roundLimit = 24

    /// - Parameters:
    ///   - source: where files grow.
    ///   - sourceName: what the source is called in the journal.
    ///   - destination: where copies grow.
    ///   - journal: of that destination.
    ///   - options: how files are carried.
    ///   - time: the clock by which audits are due.
    init(
        source: any Transport,
        sourceName: String,
        destination: any WritableTransport,
        journal: AppendJournal,
        options: AppendOptions = AppendOptions(),
        time: MonotonicTime = .system
    ) {
        self.init(
            source: source,
            sourceName: sourceName,
            destination: destination,
            journal: journal,
            options: options,
            time: time,
            random: { $0 > 0 ? Int.random(in: 0..<$0) : 0 },
            atStep: { _ in }
        )
    }

    init(
        source: any Transport,
        sourceName: String,
        destination: any WritableTransport,
        journal: AppendJournal,
        options: AppendOptions,
        time: MonotonicTime,
        random: @escaping @Sendable (Int) -> Int,
        wallTime: @escaping @Sendable () -> Double = WallTime.now,
        atStep: @escaping @Sendable (AppendStep) throws -> Void
    ) {
        self.source = source
        self.sourceName = sourceName
        self.destination = destination
        self.journal = journal
        self.options = options
        self.time = time
        self.random = random
        self.wallTime = wallTime
        self.atStep = atStep
    }

    /// Carries what a file has gained, up to ``AppendOptions/bytesPerPoll``.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - target: below the destination's root.
    ///   - status: what the source told about it just now; nil where nothing is there.
    ///   - memory: what is known of the file.
    /// - Returns: what was carried.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func poll(
        _ path: RelativePath,
        as target: RelativePath,
        status: FileStatus?,
        memory: inout TailMemory
    ) async throws -> TailOutcome {
        guard !target.components.contains(where: { $0 == JournalFile.folderName }) else {
            throw CollectorError.refused(
                target.string,
                reason: "the folder \(JournalFile.folderName) is the collector's own"
            )
        }
        if let status, status.size > options.maximumByteCount {
            throw CollectorError.refused(path.string, reason: "it claims to be \(status.size) bytes long")
        }
        do {
            var poll = TailPoll(transfer: self, path: path, target: target, remote: status)
            return try await poll.run(&memory, roundLimit: Self.roundLimit)
        } catch {
            memory.noteFailure()
            throw error
        }
    }

    /// Looks at a file and carries what it has gained.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - target: below the destination's root.
    ///   - memory: what is known of the file.
    /// - Returns: what was carried.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func poll(
        _ path: RelativePath,
        as target: RelativePath,
        memory: inout TailMemory
    ) async throws -> TailOutcome {
        let status = try await source.status(of: path)
        return try await poll(path, as: target, status: status, memory: &memory)
    }
}
