import Files
import RunRecords

/// A run of the same training that has come to its end: there is nothing to train.
///
/// Thrown by what chooses a run, and no failure: the command that finds it has what it was to make.
struct CompletedRun: Error, Equatable {
    /// The run's name.
    let name: String
    /// Its last checkpoint.
    let checkpoint: String
    /// The checkpoint of it that was asked to be gone on from, which would only make the same model once more.
    var resumePath: String?

    /// What is told people about it.
    var message: String {
        let end = "\(name) is complete (\(checkpoint)); "
        guard let resumePath else { return end + "--new begins another" }
        return end + "--resume \(resumePath) was not followed; with --new another run goes on from there"
    }

    init(name: String, checkpoint: String) { (self.name, self.checkpoint) = (name, checkpoint) }

    /// The run that came to its end in a folder.
    ///
    /// - Parameters:
    ///   - folder: of checkpoints.
    ///   - configuration: of the stage.
    ///   - options: which stage it is, and which run where one is named.
    /// - Returns: nil where `final` is missing, damaged, or of another run, stage or configuration.
    static func find(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> (run: CompletedRun, state: TrainingState)? {
        guard let found = try? TrainingCheckpoint(folder.final), let state = found.state,
            found.isOf(configuration, options), (try? found.verify()) != nil
        else { return nil }
        return (CompletedRun(name: state.run, checkpoint: folder.final), state)
    }

    /// The run of the stage that came to its end in a folder with another configuration.
    static func ofAnotherConfiguration(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> String? {
        guard let found = try? TrainingCheckpoint(folder.final), let state = found.state,
            state.stage == options.stage, !found.isOf(configuration, options)
        else { return nil }
        return state.run
    }

    /// What is wrong with the `final` of this training.
    ///
    /// - Returns: nil where it is missing, whole, or of another one; of step 0 where not even that can be read.
    static func damage(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> UnusableCheckpoint? {
        guard FileIdentity.find(folder.final) != nil else { return nil }
        var step = 0
        do {
            let found = try TrainingCheckpoint(folder.final)
            guard found.isOf(configuration, options) else { return nil }
            step = found.state?.step ?? 0
            try found.verify()
            return nil
        } catch {
            return UnusableCheckpoint(step: step, reason: "\(error)")
        }
    }
}

extension TrainingCheckpoint {
    /// Whether a run of this stage and configuration wrote it: the one that is named, where one is.
    func isOf(_ configuration: TrainingConfiguration, _ options: TrainingOptions) -> Bool {
        guard let state, state.stage == options.stage, options.runID.map({ $0 == state.run }) ?? true,
            let written = try? self.configuration()
        else { return false }
        return written.isSameTraining(as: configuration)
    }
}

extension CompletedRun {
    /// The last status is at the log's end; what may follow it are a few remarks.
    private static let logTailByteCount = 1 << 20

    /// Has the run's log say that it is complete, where a kill came between its last checkpoint and that line: a
    /// dashboard would show it as running for ever.
    ///
    /// Nothing is written while another process trains into the folder; it may be the one that is about to.
    ///
    /// - Parameter runs: the folder of runs.
    /// - Throws: ``TrainerError``, ``CheckpointFileError``, `FilesError`, `RunRecordsError`.
    func endLog(in runs: String) throws {
        let lock = try RunLock(folder: FileSystem.folder(of: checkpoint))
        defer { withExtendedLifetime(lock) {} }
        guard try Self.lastStatus(inLog: "\(runs)/\(name)/metrics.jsonl") != "completed" else { return }
        let step = try TrainingCheckpoint(checkpoint).state?.step
        try RunLogWriter(runs: runs, id: name).status(.completed, step: step)
    }

    /// The status that was told last; nil where the log's end has none.
    private static func lastStatus(inLog path: String) throws -> String? {
        let file = try OpenFile.reading(path)
        let size = try file.identity().size
        var tail = [UInt8](repeating: 0, count: min(size, logTailByteCount))
        let count = try tail.withUnsafeMutableBytes { try file.read(into: $0, at: size - $0.count) }
        for line in tail.prefix(count).split(separator: UInt8(ascii: "\n")).reversed() {
            guard let event = try? JSONParser.parse(Array(line)), event["event"]?.string == "status" else {
                continue
            }
            return event["status"]?.string
        }
        return nil
    }
}
