import ArgumentParser

/// `voxsite checkpoint`: looks at files of tensors, converts and compares them.
struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Look into model checkpoints, convert and compare them.",
        discussion: """
            Reads .safetensors, and .pt and .bin files of torch.save, told apart by their contents. Nothing in a
            file is ever executed: a pickle that asks for more than tensors is refused.

            voxsite checkpoint inspect best.pt                            what is in it
            voxsite checkpoint convert best.pt best.safetensors           its tensors, for any other program
            voxsite checkpoint diff best.pt step_4000.pt --tolerance 1e-6 what training changed
            """,
        subcommands: [
            CheckpointInspectCommand.self, CheckpointConvertCommand.self, CheckpointDiffCommand.self,
        ]
    )
}
