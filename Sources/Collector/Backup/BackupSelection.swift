import Files

/// Which files of a source are worth keeping now, in the order in which they are fetched.
///
/// The newest step is the one with the largest number, not the youngest file: copying and touching change times,
/// and the clock is the source's own.
struct BackupSelection: Sendable, Equatable {
    /// One file to keep.
    struct Candidate: Sendable, Hashable {
        var file: ListedFile
        var name: CheckpointName

        var path: RelativePath { file.path }
    }

    /// Most important first: what is left when time runs out should matter least.
    var candidates: [Candidate] = []
    /// For each folder and stage, steps that are older than the newest, newest first: what to fall back to where
    /// the newest turns out to be torn.
    var olderSteps: [CheckpointName.SeriesKey: [Candidate]] = [:]
    /// Files with a checkpoint's name that are links or devices.
    var problems: [CollectorError] = []

    /// Chooses.
    ///
    /// - Parameters:
    ///   - files: what the source has.
    ///   - isFinal: whether this is the last pass of a run: other logs are then taken too, before all else.
    init(_ files: [ListedFile], isFinal: Bool) {
        var steps: [CheckpointName.SeriesKey: [Candidate]] = [:]
        for file in files {
            guard file.status.kind != .directory, let name = CheckpointName(file.path) else { continue }
            guard file.status.kind == .file else {
                problems.append(.refused(file.path.string, reason: "it is not a regular file"))
                continue
            }
            let candidate = Candidate(file: file, name: name)
            switch name.kind {
            case .step: steps[name.seriesKey(file.path), default: []].append(candidate)
            case .log: if isFinal { candidates.append(candidate) }
            case .history, .best, .final: candidates.append(candidate)
            }
        }
        for (key, group) in steps {
            let sorted = group.sorted(by: Self.isNewer)
            candidates.append(contentsOf: sorted.prefix(1))
            if sorted.count > 1 { olderSteps[key] = Array(sorted.dropFirst()) }
        }
        candidates.sort { left, right in
            let (first, second) = (Self.rank(left.name.kind), Self.rank(right.name.kind))
            return first == second ? left.path < right.path : first < second
        }
    }

    /// The candidates, each with what to fall back to where it turns out to be torn.
    func queues(fallbackLimit: Int) -> [[Candidate]] {
        candidates.map { candidate in
            guard candidate.name.kind == .step else { return [candidate] }
            let older = olderSteps[candidate.name.seriesKey(candidate.path)] ?? []
            return [candidate] + older.prefix(fallbackLimit)
        }
    }

    /// Logs are small and tell what happened; then what the run was for.
    private static func rank(_ kind: CheckpointName.Kind) -> Int {
        switch kind {
        case .log: 0
        case .history: 1
        case .best: 2
        case .final: 3
        case .step: 4
        }
    }

    private static func isNewer(_ left: Candidate, _ right: Candidate) -> Bool {
        let (first, second) = (left.name, right.name)
        if first.step != second.step { return (first.step ?? -1) > (second.step ?? -1) }
        if first.epoch != second.epoch { return (first.epoch ?? -1) > (second.epoch ?? -1) }
        let (time, other) = (left.file.status.modifiedNanoseconds, right.file.status.modifiedNanoseconds)
        if time != other { return (time ?? .min) > (other ?? .min) }
        return left.path < right.path
    }
}

extension CheckpointName {
    /// What files replace each other: of one kind, in one folder, of one stage; all but steps by their own path.
    struct SeriesKey: Sendable, Hashable {
        let kind: Kind
        let folder: RelativePath?
        let stage: String?
        let stem: String?
    }

    /// The series that a file of this name belongs to.
    func seriesKey(_ path: RelativePath) -> SeriesKey {
        SeriesKey(
            kind: kind,
            folder: path.parent,
            stage: kind == .step ? stage : nil,
            stem: kind == .step ? nil : stem
        )
    }
}
