import Files
import TensorCore

/// A run that is taken back to an earlier checkpoint leaves a branch; its files stay, under other names.
extension CheckpointFolder {
    /// A file that got another name.
    struct Renaming: Sendable, Equatable {
        /// What it was called, with its folder.
        let old: String
        /// What it is called now, with its folder.
        let new: String
    }

    /// Makes a checkpoint the newest one of its run here.
    ///
    /// What the run wrote after that step, and its `final`, become `step_40~1.safetensors` and so on: under their own
    /// names they would be where the next start goes on. `best` stays, whichever branch it is of. A checkpoint that lies
    /// elsewhere is copied: a run that is killed before it saves is to be found where it was taken back to.
    ///
    /// A kill in between loses nothing: until the newest file is renamed, which comes last, the run is where it was.
    ///
    /// - Parameter checkpoint: one of the run that writes here, whole.
    /// - Returns: what got another name; nothing where the checkpoint was the newest already.
    /// - Throws: ``TrainerError/checkpoint(path:reason:)``, where the disk is full for example.
    func takeBack(to checkpoint: TrainingCheckpoint) throws(TrainerError) -> [Renaming] {
        guard let state = checkpoint.state else { return [] }
        let branch = CheckpointFolder(path, leftBranch: freeBranch())
        var renamed: [Renaming] = []
        func setAside(_ file: String, _ target: String) throws(TrainerError) {
            do throws(FilesError) {
                try FileSystem.rename(file, to: target)
            } catch {
                throw .checkpoint(path: file, reason: error.explanation)
            }
            renamed.append(Renaming(old: file, new: target))
        }
        let place = step(state.step)
        let there = try? TrainingCheckpoint(place)
        if there?.holdsSame(as: checkpoint) != true {
            // Another branch came to that step too, or the file is damaged.
            if FileIdentity.find(place) != nil { try setAside(place, branch.step(state.step)) }
            try copy(checkpoint.checkpoint.path, to: place)
        }
        for step in steps().reversed() where step > state.step && isOf(state.run, self.step(step)) {
            try setAside(self.step(step), branch.step(step))
        }
        if isOf(state.run, final) { try setAside(final, branch.final) }
        return renamed
    }

    /// Whether a file can be read and says that it is of a run.
    private func isOf(_ run: String, _ file: String) -> Bool {
        (try? TrainingCheckpoint(file))?.state?.run == run
    }

    /// The number of a branch of which nothing lies here: later than all there are.
    private func freeBranch() -> Int {
        let numbers = names().compactMap { name -> Int? in
            guard name.hasSuffix(".safetensors"), let mark = name.lastIndex(of: "~") else { return nil }
            return Int(name[name.index(after: mark)...].dropLast(".safetensors".count))
        }
        return (numbers.filter { (1..<Int.max).contains($0) }.max() ?? 0) + 1
    }

    private func copy(_ source: String, to target: String) throws(TrainerError) {
        do throws(FilesError) {
            let source = try OpenFile.reading(source)
            try AtomicFile.write(to: target) { file throws(FilesError) in
                try file.copyContents(of: source)
            }
        } catch {
            throw .checkpoint(path: target, reason: error.explanation)
        }
    }
}

extension TrainingCheckpoint {
    /// Whether another file has the same state and, by their checksums, the same tensors.
    fileprivate func holdsSame(as other: TrainingCheckpoint) -> Bool {
        state == other.state && checkpoint.names == other.checkpoint.names
            && checkpoint.names.allSatisfy { checkpoint[$0]?.sha256 == other.checkpoint[$0]?.sha256 }
    }
}
