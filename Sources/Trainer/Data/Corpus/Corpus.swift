import Files

/// All utterances of a training or evaluation set, in an order that depends on nothing but its files.
public struct Corpus: Sendable {
    /// What is learnt from.
    public let utterances: [Utterance]
    /// What was left out, and why.
    public let skipped: SkipTally

    /// The sum of all lengths.
    public var totalSeconds: Double { utterances.reduce(0) { $0 + $1.durationSeconds } }

    /// Which corpus it is: of equal ones equal, and another one wherever a ``BatchPlan`` would be.
    ///
    /// A checkpoint that keeps it can tell whether a position of its epoch still means the same.
    public var fingerprint: String {
        let lines = utterances.map { "\($0.id)\t\($0.durationSeconds)\t\($0.text)\n" }
        return ContentHash(Array(lines.joined().utf8)).hex
    }

    /// A corpus of given utterances.
    ///
    /// - Parameters:
    ///   - utterances: in the order of the corpus; no two of one id.
    ///   - skipped: what was left out.
    public init(utterances: [Utterance], skipped: SkipTally = SkipTally()) {
        self.utterances = utterances
        self.skipped = skipped
    }

    /// Reads folders or manifests, and how long each recording is.
    ///
    /// Whatever cannot be used is counted and left out; only a folder or manifest that cannot be read at all, and a
    /// corpus without a single usable utterance, are errors.
    ///
    /// - Parameters:
    ///   - paths: folders of LibriSpeech's layout, or manifests.
    ///   - format: which of the two.
    ///   - limits: what is taken.
    ///   - workerCount: how many headers are read at once.
    /// - Returns: the utterances in the order of `paths`, and of names or lines within each.
    /// - Throws: ``TrainerError/corpus(path:reason:)``, or `CancellationError`.
    public static func read(
        _ paths: [String],
        format: DataSettings.Format,
        limits: CorpusLimits,
        workerCount: Int = 4
    ) async throws -> Corpus {
        var skipped = SkipTally()
        var candidates: [Candidate] = []
        for path in paths {
            try requireKind(path, format)
            switch format {
            case .librispeech: candidates += try LibriSpeechFolder.read(path, &skipped)
            case .manifest: candidates += try Manifest.read(path, &skipped)
            }
        }
        candidates = unique(candidates, &skipped).filter { candidate in
            guard let (reason, detail) = limits.reason(text: candidate.text) else { return true }
            skipped.add(reason, "\(candidate.place): \(detail)")
            return false
        }
        let utterances = try await measure(candidates, limits, workerCount, &skipped)
        guard !utterances.isEmpty else {
            let found =
                skipped.lines.isEmpty ? "there is nothing in it" : skipped.lines.joined(separator: "\n")
            throw TrainerError.corpus(
                path: paths.isEmpty ? "data.train_data" : paths.joined(separator: ", "),
                reason: "no utterance can be used; \(found)"
            )
        }
        return Corpus(utterances: utterances, skipped: skipped)
    }

    /// Fails where a file is read as a folder or a folder as a file.
    private static func requireKind(_ path: String, _ format: DataSettings.Format) throws(TrainerError) {
        switch (format, FileIdentity.find(path)?.kind) {
        case (.librispeech, .file):
            throw .corpus(
                path: path,
                reason: "it is a file, and data.data_format: librispeech reads folders; set it to manifest"
            )
        case (.manifest, .directory):
            throw .corpus(
                path: path,
                reason: "it is a folder, and data.data_format: manifest reads files; set it to librispeech"
            )
        default: return
        }
    }

    /// Drops what has the id of an earlier one.
    private static func unique(_ candidates: [Candidate], _ skipped: inout SkipTally) -> [Candidate] {
        var seen: Set<String> = []
        return candidates.filter { candidate in
            if seen.insert(candidate.id).inserted { return true }
            skipped.add(.duplicate, "\(candidate.place): \(candidate.id) was named before")
            return false
        }
    }

    /// Reads headers, some at once, and keeps the order.
    private static func measure(
        _ candidates: [Candidate],
        _ limits: CorpusLimits,
        _ workerCount: Int,
        _ skipped: inout SkipTally
    ) async throws -> [Utterance] {
        let pieceCount = 64
        let starts = Array(stride(from: 0, to: candidates.count, by: pieceCount))
        var pieces = [([Utterance], SkipTally)](repeating: ([], SkipTally()), count: starts.count)
        try await withThrowingTaskGroup(of: (Int, [Utterance], SkipTally).self) { group in
            var next = 0
            func addPiece() {
                guard next < starts.count else { return }
                let index = next
                next += 1
                let piece = candidates[starts[index]..<min(starts[index] + pieceCount, candidates.count)]
                group.addTask {
                    try Task.checkCancellation()
                    var tally = SkipTally()
                    let utterances = piece.compactMap { $0.measured(limits, &tally) }
                    return (index, utterances, tally)
                }
            }
            for _ in 0..<max(1, workerCount) { addPiece() }
            while let (index, utterances, tally) = try await group.next() {
                pieces[index] = (utterances, tally)
                addPiece()
            }
        }
        for (_, tally) in pieces { skipped.merge(tally) }
        return pieces.flatMap(\.0)
    }
}
