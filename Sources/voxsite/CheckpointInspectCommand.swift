import ArgumentParser
import TensorCore

/// `voxsite checkpoint inspect`.
struct CheckpointInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the tensors of a checkpoint, their types and shapes, and the state of its training."
    )

    @Argument(help: "A .safetensors, .pt or .bin file, or the folder of a published model.")
    var path: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Read all of it: compare its checksums, and show the SHA-256 of each tensor's elements.")
    var hash = false

    func run() async throws {
        let report = try CheckpointReport(Checkpoint(path), hashing: hash)
        print(json ? report.json : report.table)
    }
}
