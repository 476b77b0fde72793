import ArgumentParser
import TensorCore

/// `voxsite checkpoint diff`.
struct CheckpointDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare the tensors of two checkpoints. Exit code 1 where they differ."
    )

    @Argument(help: "The checkpoint to compare with.")
    var first: String

    @Argument(help: "The other one; its format may be another.")
    var second: String

    @Option(
        help: """
            How far two numbers may be apart. With it, another element type alone is no difference: compare a \
            checkpoint with its conversion.
            """
    )
    var tolerance: Double?

    func validate() throws {
        guard tolerance.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--tolerance: \(tolerance ?? 0) is no distance; give 0 or more")
        }
    }

    func run() async throws {
        let difference = CheckpointDifference(
            try Checkpoint(first),
            try Checkpoint(second),
            tolerance: tolerance
        )
        if !difference.isEmpty { print(difference.table) }
        let noun = difference.findings.count == 1 ? "difference" : "differences"
        Console.error(
            "\(difference.commonCount) tensors in both, \(difference.findings.count) \(noun), largest distance "
                + "\(difference.largest)"
        )
        guard difference.isEmpty else { throw ExitCode(1) }
    }
}
