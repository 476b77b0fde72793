import Files
import Glibc
import RunRecords
public import TensorCore

/// A published WavLM on this machine: its sizes, and where its weights are.
public struct PretrainedWavLM: Sendable {
    /// The sizes.
    public let configuration: WavLMConfiguration
    /// The weights; nil where a model is to begin with random ones.
    public let checkpoint: Checkpoint?
    /// Where it was found, for messages.
    public let place: String

    /// The name that asks for random weights.
    public static let randomName = "random"

    /// Looks for a model as a configuration names it.
    ///
    /// A path is a folder as Hugging Face publishes them (`config.json` and `model.safetensors` or `pytorch_model.bin`),
    /// or a file of weights, beside which a `config.json` may lie. Without a path, the folders in which Hugging Face's
    /// programs keep what they downloaded are looked through for the name.
    ///
    /// - Parameters:
    ///   - name: `microsoft/wavlm-base` and the like, or `random`: weights that nobody trained, of the sizes that
    ///     `config.json` at the path has.
    ///   - path: where it is; nil to look for it by its name.
    ///   - environment: `HF_HUB_CACHE`, `HF_HOME`, `HOME` and the like.
    /// - Returns: the model.
    /// - Throws: ``TrainerError/pretrained(name:reason:)``, or what reading its file throws.
    public static func find(
        name: String,
        path: String?,
        environment: [String: String]
    ) throws -> PretrainedWavLM {
        if let path, FileIdentity.find(path) == nil {
            throw TrainerError.pretrained(
                name: path,
                reason: "there is no such file or folder; correct model.wavlm_path"
            )
        }
        if name == randomName {
            let configuration =
                try path.map { try Self.configuration(near: $0, name: name) } ?? WavLMConfiguration.base
            return PretrainedWavLM(configuration: configuration, checkpoint: nil, place: "random weights")
        }
        guard let place = path ?? downloaded(name, environment) else {
            throw TrainerError.pretrained(
                name: name,
                reason: "it is not on this machine; download it (hf download \(name)), or set "
                    + "model.wavlm_path to its folder"
            )
        }
        return PretrainedWavLM(
            configuration: try configuration(near: place, name: name),
            checkpoint: try Checkpoint(place),
            place: place
        )
    }

    /// The newest copy among Hugging Face's downloads.
    private static func downloaded(_ name: String, _ environment: [String: String]) -> String? {
        let home = environment["HOME"] ?? "."
        let hub =
            environment["HF_HUB_CACHE"]
            ?? "\(environment["HF_HOME"] ?? "\(environment["XDG_CACHE_HOME"] ?? "\(home)/.cache")/huggingface")/hub"
        let model = "\(hub)/models--\(name.split(separator: "/").joined(separator: "--"))"
        if let revision = try? OpenFile.reading("\(model)/refs/main").readAll(limit: 128) {
            let text = String(decoding: revision, as: UTF8.self).filter { $0.isHexDigit }
            let folder = "\(model)/snapshots/\(text)"
            if !text.isEmpty, FileIdentity.find(folder)?.kind == .directory { return folder }
        }
        return nil
    }

    /// The sizes that `config.json` has; else those of the name.
    private static func configuration(near path: String, name: String) throws -> WavLMConfiguration {
        let isFolder = FileIdentity.find(path)?.kind == .directory
        let isDescription = path.hasSuffix(".json")
        let folder = isFolder ? path : FileSystem.folder(of: path)
        let file = isDescription ? path : "\(folder)/config.json"
        guard FileIdentity.find(file) != nil else {
            switch name {
            case "microsoft/wavlm-large": return .large
            case "microsoft/wavlm-base", "microsoft/wavlm-base-plus": return .base
            default:
                throw TrainerError.pretrained(
                    name: name,
                    reason: "\(file) is missing, which tells the model's sizes; put it beside the weights"
                )
            }
        }
        return try WavLMConfiguration(publishedAt: file)
    }
}
