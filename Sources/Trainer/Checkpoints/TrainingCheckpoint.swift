import Files
import Foundation
public import TensorCore

/// A checkpoint of training: a safetensors file that any program reads, and that holds all that is needed to use it.
///
/// The tensors are the model's, under the names that PyTorch gives them; those of the optimiser begin with
/// `optimizer.first.` and `optimizer.second.`. The metadata has the state of the run, its configuration, the sizes of the
/// front end, and the tokenizer. One file, replaced whole: nothing of two moments ever mixes.
public struct TrainingCheckpoint: Sendable {
    /// The file.
    public let checkpoint: Checkpoint
    /// Where the run was; nil where another program wrote the file.
    public let state: TrainingState?

    private static let stateKey = "voxsite.state"
    private static let configurationKey = "voxsite.configuration"
    private static let frontEndKey = "voxsite.front_end"
    private static let tokenizerKey = "voxsite.tokenizer"
    private static let stepKey = "voxsite.optimizer_steps"
    private static let firstPrefix = "optimizer.first."
    private static let secondPrefix = "optimizer.second."

    /// What goes into a file besides tensors.
    struct Description: Sendable {
        var configuration: TrainingConfiguration
        var frontEnd: WavLMConfiguration
        var tokenizer: [UInt8]
    }

    /// Opens a checkpoint; tensors are read when they are used.
    ///
    /// - Parameter path: a file of ours, or any that ``Checkpoint`` reads, such as the original's `best.pt`.
    /// - Throws: ``CheckpointFileError``, or ``TrainerError/checkpoint(path:reason:)`` where our own part is damaged.
    public init(_ path: String) throws {
        checkpoint = try Checkpoint(path)
        guard let text = checkpoint.metadata[Self.stateKey] else {
            state = nil
            return
        }
        do {
            state = try JSONDecoder().decode(TrainingState.self, from: Data(text.utf8))
        } catch {
            throw TrainerError.checkpoint(
                path: path,
                reason: "the state of the run in it is damaged, or of a later version: \(error)"
            )
        }
        guard state?.isPlausible ?? true else {
            throw TrainerError.checkpoint(path: path, reason: "the state of the run in it is damaged")
        }
        if let state, state.schema > TrainingState.currentSchema {
            throw TrainerError.checkpoint(
                path: path,
                reason: "a later version of voxsite wrote it (schema \(state.schema)); update voxsite"
            )
        }
    }

    /// Writes a checkpoint: whole or not at all, and safe against a power cut once this returns.
    ///
    /// - Parameters:
    ///   - model: its parameters and running statistics.
    ///   - optimizer: nil for a checkpoint that is only used, or trained from anew.
    ///   - state: where the run is.
    ///   - description: what the model is.
    ///   - path: where to; the folder must exist.
    /// - Throws: ``CheckpointFileError``; the old file is then as it was.
    static func write(
        _ model: VoxFormer,
        optimizer: AdamW?,
        state: TrainingState,
        _ description: Description,
        to path: String
    ) throws {
        var entries: [SafetensorsFile.Entry] = []
        for parameter in model.parameters + model.buffers {
            entries.append(SafetensorsFile.Entry(parameter.name, try StoredTensor(parameter.value)))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var metadata = [
            "format": "pt",
            stateKey: String(decoding: try encoder.encode(state), as: UTF8.self),
            configurationKey: description.configuration.yaml,
            frontEndKey: description.frontEnd.text,
            tokenizerKey: Data(description.tokenizer).base64EncodedString(),
        ]
        if let optimizer {
            let moments = try optimizer.state()
            metadata[stepKey] = "\(moments.stepCount)"
            for (name, moment) in moments.moments.sorted(by: { $0.key < $1.key }) {
                entries.append(SafetensorsFile.Entry(firstPrefix + name, try StoredTensor(moment.first)))
                entries.append(SafetensorsFile.Entry(secondPrefix + name, try StoredTensor(moment.second)))
            }
        }
        try SafetensorsFile.write(entries, metadata: metadata, to: path, checksumming: true)
    }

    /// Reads all of the file, and fails where it is not what was written; another program's is taken as it is.
    ///
    /// - Throws: ``TrainerError/checkpoint(path:reason:)``.
    func verify() throws(TrainerError) {
        guard checkpoint.format == .safetensors else { return }
        do {
            try checkpoint.verifyChecksums()
        } catch .damaged(let path, _, let reason) {
            throw .checkpoint(path: path, reason: "\(reason); take another checkpoint or a backup")
        } catch {
            throw .checkpoint(path: checkpoint.path, reason: "\(error)")
        }
    }

    /// The configuration of the run that wrote it.
    ///
    /// - Returns: the configuration.
    /// - Throws: ``TrainerError/checkpoint(path:reason:)`` where another program wrote the file.
    public func configuration() throws -> TrainingConfiguration {
        guard let text = checkpoint.metadata[Self.configurationKey] else {
            throw foreign("its configuration")
        }
        return try TrainingConfiguration(yaml: text, source: checkpoint.path)
    }

    /// The tokenizer that the model writes with.
    ///
    /// - Returns: the tokenizer.
    /// - Throws: ``TrainerError`` where there is none, or it is damaged.
    public func tokenizer() throws -> Tokenizer {
        guard let tokenizerFile else { throw foreign("its tokenizer") }
        return try Tokenizer(tokenizerFile, path: "\(checkpoint.path) (tokenizer)")
    }

    /// The bytes of that tokenizer's file; nil where another program wrote the checkpoint.
    var tokenizerFile: [UInt8]? {
        checkpoint.metadata[Self.tokenizerKey].flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }

    /// The model with its weights, which are compared with the file's checksum.
    ///
    /// - Returns: the model.
    /// - Throws: ``TensorError``, ``TrainerError``.
    public func model() throws -> VoxFormer {
        try verify()
        guard let frontEnd else { throw foreign("the sizes of its front end") }
        let sizes = VoxFormer.Configuration(try configuration().model, frontEnd)
        return try VoxFormer(.loading(ModelTensors(checkpoint)), sizes)
    }

    /// The sizes of its front end; nil where another program wrote the file.
    var frontEnd: WavLMConfiguration? {
        checkpoint.metadata[Self.frontEndKey].flatMap { WavLMConfiguration(text: $0) }
    }

    /// What the model's constructor gets: everything but the optimiser's.
    var modelTensors: any ParameterSource { ModelTensors(checkpoint) }

    /// What AdamW remembered; nil where the file holds only the model.
    ///
    /// - Returns: its state.
    /// - Throws: ``TensorError`` where memory is short.
    func optimizerState() throws -> AdamWState? {
        guard let text = checkpoint.metadata[Self.stepKey], let count = Int(text),
            (0...1_000_000_000).contains(count)
        else {
            return nil
        }
        var moments: [String: AdamWState.Moments] = [:]
        for name in checkpoint.names where name.hasPrefix(Self.firstPrefix) {
            let parameter = String(name.dropFirst(Self.firstPrefix.count))
            moments[parameter] = AdamWState.Moments(
                first: try checkpoint.tensor(name),
                second: try checkpoint.tensor(Self.secondPrefix + parameter)
            )
        }
        return AdamWState(stepCount: count, moments: moments)
    }

    private func foreign(_ what: String) -> TrainerError {
        .checkpoint(
            path: checkpoint.path,
            reason:
                "\(what) is not in it, as voxsite did not write it; train from it with training.resume_from, "
                + "which takes its weights"
        )
    }

    private struct ModelTensors: ParameterSource {
        let checkpoint: Checkpoint

        init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

        var names: [String] { checkpoint.names.filter { !$0.hasPrefix("optimizer.") } }
        func shape(of name: String) -> Shape? { checkpoint.shape(of: name) }
        func tensor(_ name: String) throws(TensorError) -> Tensor { try checkpoint.tensor(name) }
    }
}
