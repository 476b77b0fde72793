import Files

extension RunLogWriter {
    /// Replaces the run's `run.json` at one stroke.
    ///
    /// - Parameter description: What the run is; its `id` must be the writer's.
    /// - Throws: `RunRecordsError.write`.
    public func describe(_ description: RunDescription) throws(RunRecordsError) {
        precondition(description.id == id, "a writer describes its own run")
        try replace("run.json", with: description.json)
    }

    /// Writes a checkpoint to `checkpoints/<name>` at one stroke, then says so in the log.
    ///
    /// The event comes second, so that whoever reads it finds the whole file.
    ///
    /// - Parameters:
    ///   - bytes: The file's contents.
    ///   - name: The file's name, by the rules of `RunID`: `best.safetensors`.
    ///   - kind: What it is kept for.
    ///   - step: Optimiser steps done.
    ///   - epoch: The running epoch.
    /// - Throws: `RunRecordsError.write`, `.invalidRunID` for a name that is none.
    public func writeCheckpoint(
        _ bytes: [UInt8],
        named name: String,
        kind: CheckpointKind,
        step: Int,
        epoch: Double? = nil
    ) throws(RunRecordsError) {
        let path = "checkpoints/\(try RunID(validating: name).string)"
        try RunFolder.create("\(folder)/checkpoints")
        try replace(path, with: bytes)
        try checkpoint(path: path, bytes: bytes.count, kind: kind, step: step, epoch: epoch)
    }

    private func replace(_ name: String, with bytes: [UInt8]) throws(RunRecordsError) {
        let path = "\(folder)/\(name)"
        do {
            try AtomicFile.write(bytes, to: path)
        } catch {
            throw .write(path: path, reason: String(describing: error))
        }
    }
}
