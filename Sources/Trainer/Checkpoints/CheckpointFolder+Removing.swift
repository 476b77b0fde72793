import Files

extension CheckpointFolder {
    /// How files begin that are being written.
    private static let temporaryPrefix = ".voxsite-tmp-"

    /// Removes what killed processes left half written.
    ///
    /// Whoever calls holds the folder's lock, so nobody else writes here. Whether the process lives whose number such a
    /// name has tells nothing: in a container a restarted trainer often has the number of the one that was killed.
    func removeHalfWritten() {
        for name in names() where name.hasPrefix(Self.temporaryPrefix) {
            let numbers = name.dropFirst(Self.temporaryPrefix.count)
                .split(separator: "-", omittingEmptySubsequences: false)
            // Only names that ``AtomicFile`` makes: a process and a serial number.
            guard numbers.count == 2, numbers.allSatisfy({ UInt64($0) != nil }) else { continue }
            // One that cannot be removed takes room, and is in nobody's way.
            try? FileSystem.removeFile("\(path)/\(name)")
        }
    }

    /// Removes old `step_<N>` of a run; what other runs left here stays.
    ///
    /// Those written last are kept, which need not be those of the highest steps: a run may have been taken back to an
    /// earlier one.
    ///
    /// - Parameters:
    ///   - run: the run's name.
    ///   - count: how many are kept; nil for all.
    ///   - written: the step that was saved just now; it stays whatever the clock says.
    /// - Returns: the paths of what was removed.
    @discardableResult
    func prune(_ run: String, keeping count: Int?, written: Int) -> [String] {
        guard let count else { return [] }
        func time(_ step: Int) -> Int64 {
            step == written ? .max : FileIdentity.find(self.step(step))?.modifiedNanoseconds ?? 0
        }
        let own = steps().filter { (try? TrainingCheckpoint(step($0)))?.state?.run == run }
            .map { (time: time($0), step: $0) }
            .sorted { ($0.time, $0.step) > ($1.time, $1.step) }
        return own.dropFirst(max(1, count)).map { step($0.step) }.filter {
            (try? FileSystem.removeFile($0)) != nil
        }
    }
}
