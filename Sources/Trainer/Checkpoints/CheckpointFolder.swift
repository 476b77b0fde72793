import Files
import Foundation
import Glibc
import TensorCore

/// The checkpoints of a run: `best`, `step_<N>`, `final`, and `epoch_history.log`.
///
/// `step_<N>` has the optimiser's state, so that a run goes on from it exactly; `best` and `final` have the model alone,
/// half as large, which is what is used, backed up, and trained from in another stage.
struct CheckpointFolder: Sendable {
    /// Where it is.
    let path: String
    /// What follows the names of its files: `-` and a run, for what was set aside of that run.
    private let suffix: String

    /// The best so far.
    var best: String { "\(path)/best\(suffix).safetensors" }
    /// The end.
    var final: String { "\(path)/final\(suffix).safetensors" }
    /// A line for each epoch.
    private var history: String { "\(path)/epoch_history\(suffix).log" }

    /// That of a step.
    ///
    /// - Parameter step: how many updates were made.
    /// - Returns: its path.
    func step(_ step: Int) -> String { "\(path)/step_\(step)\(suffix).safetensors" }

    /// How files begin that are being written.
    private static let temporaryPrefix = ".voxsite-tmp-"

    /// - Parameters:
    ///   - path: where it is.
    ///   - run: the run whose files are meant that were set aside; nil for the run that writes here.
    init(_ path: String, setAsideOf run: String? = nil) {
        self.path = path
        suffix = run.map { "-\($0)" } ?? ""
    }

    /// Makes the folder, and removes what a killed process left half written.
    ///
    /// - Throws: ``TrainerError/checkpoint(path:reason:)``.
    func prepare() throws(TrainerError) {
        do throws(FilesError) {
            try FileSystem.createDirectories(path)
        } catch {
            throw .checkpoint(path: path, reason: error.explanation)
        }
        for name in names() where name.hasPrefix(Self.temporaryPrefix) {
            // The name says which process writes it; one that is alive goes on with its own.
            let process = name.dropFirst(Self.temporaryPrefix.count).prefix { $0.isNumber }
            guard let process = Int32(process), kill(process, 0) != 0, errno == ESRCH else { continue }
            try? FileSystem.removeFile("\(path)/\(name)")
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

    /// Whether a checkpoint of a run lies here.
    ///
    /// - Parameter run: the run's name.
    /// - Returns: whether one can be read that says so.
    func holds(_ run: String) -> Bool {
        ([best, final] + steps().map { step($0) })
            .contains { (try? TrainingCheckpoint($0))?.state?.run == run }
    }

    /// Moves what another run left out of the way: `best-stage1-20251210.safetensors`, and so on.
    ///
    /// Step files that are damaged become `step_10-unusable.safetensors`. What was set aside of the run itself gets its old
    /// names.
    ///
    /// - Parameter run: the run that writes here from now on.
    /// - Returns: what was moved: `step_10.safetensors is now step_10-stage1-20251210.safetensors`.
    @discardableResult
    func setOthersAside(for run: String) -> [String] {
        var moved: [String] = []
        func move(_ file: String, _ target: String) {
            guard (try? FileSystem.rename(file, to: target)) != nil else { return }
            moved.append("\(FileSystem.name(of: file)) is now \(FileSystem.name(of: target))")
        }
        var others: Set<String> = []
        for (file, name) in files {
            do {
                guard let other = try TrainingCheckpoint(file).state?.run, other != run else { continue }
                others.insert(other)
                move(file, name(CheckpointFolder(path, setAsideOf: other)))
            } catch CheckpointFileError.system {
                // What the disk does not give now, it may give later.
                continue
            } catch  where file != best && file != final {
                move(file, name(CheckpointFolder(path, setAsideOf: Self.unusable)))
            } catch {
                continue
            }
        }
        if let other = others.max() { move(history, CheckpointFolder(path, setAsideOf: other).history) }
        let own = CheckpointFolder(path, setAsideOf: run)
        let back = own.files.map { ($0.file, $0.name(self)) } + [(own.history, history)]
        for (file, target) in back where FileIdentity.find(target) == nil { move(file, target) }
        return moved
    }

    /// The runs of which something to go on from was set aside here, the newest first.
    func runsSetAside() -> [String] {
        let runs = names().compactMap { name -> String? in
            guard name.hasPrefix("step_") || name.hasPrefix("final-"), name.hasSuffix(".safetensors"),
                let dash = name.firstIndex(of: "-")
            else { return nil }
            return String(name[name.index(after: dash)...].dropLast(".safetensors".count))
        }
        return Set(runs).subtracting([Self.unusable]).sorted(by: >)
    }

    /// What damaged files are labelled with.
    private static let unusable = "unusable"

    /// All checkpoints there may be, and what each is called in another folder.
    private var files: [(file: String, name: (CheckpointFolder) -> String)] {
        [(best, \.best), (final, \.final)] + steps().map { step in (self.step(step), { $0.step(step) }) }
    }

    private func names() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}
