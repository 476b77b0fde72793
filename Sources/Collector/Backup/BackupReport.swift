public import Files

/// What one pass over one job gave.
public struct BackupReport: Sendable {
    /// What became of one file.
    public enum Outcome: Sendable {
        /// It was fetched; how many bytes came this time.
        case stored(ManifestEntry, carriedByteCount: Int)
        /// Its contents were here already under another name or from earlier.
        case known(ManifestEntry)
        /// It has not changed since it was fetched.
        case unchanged(ManifestEntry)
        /// It came, could not be verified, and was put aside.
        case quarantined(ManifestEntry)
        /// It was not kept.
        case failed(CollectorError)
    }

    /// One file and what became of it.
    public struct File: Sendable {
        /// Below the source's root.
        public var path: RelativePath
        /// What it is kept for.
        public var kind: CheckpointName.Kind
        /// What became of it.
        public var outcome: Outcome
        /// How long that took.
        public var seconds: Double
    }

    /// The job's name.
    public var job: String
    /// Whether it was the pass at the end.
    public var isFinal: Bool
    /// The files, in the order in which they were looked at.
    public var files: [File] = []
    /// Old copies that were removed.
    public var pruned: [ManifestEntry] = []
    /// What concerns no single file; the pass as a whole failed where ``failure`` is one of them.
    public var problems: [CollectorError] = []
    /// Why the pass ended early; nil where it did not.
    public var failure: CollectorError?

    /// An empty report.
    ///
    /// - Parameters:
    ///   - job: the job's name.
    ///   - isFinal: whether it is the pass at the end.
    init(job: String, isFinal: Bool) {
        self.job = job
        self.isFinal = isFinal
    }

    /// Whether everything that was chosen is here and verified.
    public var isVerified: Bool { failure == nil && problems.isEmpty && files.allSatisfy(\.isVerified) }

    /// The most serious reason for not being verified.
    public var firstError: CollectorError? {
        if let failure { return failure }
        for file in files {
            switch file.outcome {
            case .failed(let error): return error
            case .quarantined(let entry):
                return .verification(entry.path.string, reason: entry.verification.words)
            case .stored, .known, .unchanged: continue
            }
        }
        return problems.first
    }
}

extension BackupReport.File {
    /// Whether it is here and verified.
    public var isVerified: Bool {
        switch outcome {
        case .stored(let entry, _), .known(let entry), .unchanged(let entry): entry.isVerified
        case .quarantined, .failed: false
        }
    }
}

extension BackupReport: CustomStringConvertible {
    /// One line for people.
    ///
    ///     stage2: 1 stored (1073741824 bytes), 2 unchanged; verified
    public var description: String {
        var counts = [0, 0, 0, 0, 0]
        var byteCount = 0
        for file in files {
            switch file.outcome {
            case .stored(_, let carried):
                counts[0] += 1
                byteCount += carried
            case .known: counts[1] += 1
            case .unchanged: counts[2] += 1
            case .quarantined: counts[3] += 1
            case .failed: counts[4] += 1
            }
        }
        var parts: [String] = []
        let words = ["stored (\(byteCount) bytes)", "known", "unchanged", "in quarantine", "failed"]
        for (count, word) in zip(counts, words) where count > 0 { parts.append("\(count) \(word)") }
        if !pruned.isEmpty { parts.append("\(pruned.count) pruned") }
        let summary =
            parts.isEmpty ? (failure == nil ? "no checkpoints there yet" : "") : parts.joined(separator: ", ")
        let end =
            isVerified ? "verified" : "NOT VERIFIED: \(firstError.map { "\($0)" } ?? "something failed")"
        return "\(job)\(isFinal ? " (final pass)" : ""): " + (summary.isEmpty ? end : "\(summary); \(end)")
    }
}
