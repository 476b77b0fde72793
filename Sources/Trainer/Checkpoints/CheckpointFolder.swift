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

    /// The best so far.
    var best: String { "\(path)/best.safetensors" }
    /// The end.
    var final: String { "\(path)/final.safetensors" }

    /// That of a step.
    ///
    /// - Parameter step: how many updates were made.
    /// - Returns: its path.
    func step(_ step: Int) -> String { "\(path)/step_\(step).safetensors" }

    /// How files begin that are being written.
    private static let temporaryPrefix = ".voxsite-tmp-"

    init(_ path: String) { self.path = path }

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
            guard name.hasPrefix("step_"), name.hasSuffix(".safetensors") else { return nil }
            let digits = name.dropFirst("step_".count).dropLast(".safetensors".count)
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
    func prune(_ run: String, keeping count: Int?, written: Int) {
        guard let count else { return }
        func time(_ step: Int) -> Int64 {
            step == written ? .max : FileIdentity.find(self.step(step))?.modifiedNanoseconds ?? 0
        }
        let own = steps().filter { (try? TrainingCheckpoint(step($0)))?.state?.run == run }
            .map { (time: time($0), step: $0) }
            .sorted { ($0.time, $0.step) > ($1.time, $1.step) }
        for old in own.dropFirst(max(1, count)) { try? FileSystem.removeFile(step(old.step)) }
    }

    /// Whether a checkpoint of a run lies here.
    ///
    /// - Parameter run: the run's name.
    /// - Returns: whether one can be read that says so.
    func holds(_ run: String) -> Bool {
        ([best, final] + steps().map { step($0) })
            .contains { (try? TrainingCheckpoint($0))?.state?.run == run }
    }

    /// Moves what another run left out of the way: `best-stage1-20251210.safetensors`, and so on; and step files that are
    /// damaged: `step_10-unusable.safetensors`.
    ///
    /// - Parameter run: the run that writes here from now on.
    func setOthersAside(for run: String) {
        let files = [best, final] + steps().map { step($0) }
        var others: Set<String> = []
        for file in files {
            guard let other = (try? TrainingCheckpoint(file))?.state?.run, other != run else { continue }
            others.insert(other)
            try? FileSystem.rename(file, to: setAside(file, other))
        }
        // What the disk does not give now, it may give later: only what was read and is no checkpoint is moved.
        for file in steps().map({ step($0) }) {
            do {
                _ = try TrainingCheckpoint(file)
            } catch CheckpointFileError.system {
                continue
            } catch {
                try? FileSystem.rename(file, to: setAside(file, "unusable"))
            }
        }
        let history = EpochHistory(folder: path).path
        if let other = others.max() {
            try? FileSystem.rename(history, to: "\(path)/epoch_history-\(other).log")
        }
    }

    /// What a file is called that is out of the way: `best.safetensors` becomes `best-stage1-20251210.safetensors`.
    private func setAside(_ file: String, _ label: String) -> String {
        "\(file.dropLast(".safetensors".count))-\(label).safetensors"
    }

    private func names() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}
