import Files
import Foundation

/// The checkpoints of a run: `best`, `step_<N>`, `final`, and `epoch_history.log`.
///
/// `step_<N>` has the optimiser's state, so that a run goes on from it exactly; `best` and `final` have the model alone,
/// half as large, which is what is used, backed up, and trained from in another stage.
struct CheckpointFolder: Sendable {
    /// Where it is.
    let path: String
    /// What follows the names of its files: `-` and a run, for what was set aside of that run; `~` and a number, for what
    /// was set aside when the run was taken back.
    let suffix: String

    /// The best so far.
    var best: String { "\(path)/best\(suffix).safetensors" }
    /// The end.
    var final: String { "\(path)/final\(suffix).safetensors" }
    /// A line for each epoch.
    var history: String { "\(path)/epoch_history\(suffix).log" }

    /// That of a step.
    ///
    /// - Parameter step: how many updates were made.
    /// - Returns: its path.
    func step(_ step: Int) -> String { "\(path)/step_\(step)\(suffix).safetensors" }

    /// - Parameters:
    ///   - path: where it is.
    ///   - run: the run whose files are meant that were set aside; nil for the run that writes here.
    init(_ path: String, setAsideOf run: String? = nil) {
        self.path = path
        suffix = run.map { "-\($0)" } ?? ""
    }

    /// - Parameters:
    ///   - path: where it is.
    ///   - branch: which of the branches that its run left is meant, from 1.
    init(_ path: String, leftBranch branch: Int) {
        self.path = path
        suffix = "~\(branch)"
    }

    /// Makes the folder.
    ///
    /// - Throws: ``TrainerError/checkpoint(path:reason:)``.
    func prepare() throws(TrainerError) {
        do throws(FilesError) {
            try FileSystem.createDirectories(path)
        } catch {
            throw .checkpoint(path: path, reason: error.explanation)
        }
    }

    /// The steps there are checkpoints of, the newest first.
    func steps() -> [Int] {
        names().compactMap { name -> Int? in
            let ending = suffix + ".safetensors"
            guard name.hasPrefix("step_"), name.hasSuffix(ending) else { return nil }
            let digits = name.dropFirst("step_".count).dropLast(ending.count)
            // Only names that ``step(_:)`` makes: not `step_007`, `step_-1`, or `step_2-first` of another run.
            guard let step = Int(digits), step >= 0, digits == "\(step)" else { return nil }
            return step
        }
        .sorted(by: >)
    }

    /// Whether a checkpoint of a run lies here.
    ///
    /// - Parameter run: the run's name.
    /// - Returns: whether one can be read that says so.
    func holds(_ run: String) -> Bool {
        ([best, final] + steps().map { step($0) })
            .contains { (try? TrainingCheckpoint($0))?.state?.run == run }
    }

    /// All checkpoints there may be, and what each is called in another folder.
    var files: [(file: String, name: (CheckpointFolder) -> String)] {
        [(best, \.best), (final, \.final)] + steps().map { step in (self.step(step), { $0.step(step) }) }
    }

    /// The names of all that lies here; none where the folder cannot be read.
    func names() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}
