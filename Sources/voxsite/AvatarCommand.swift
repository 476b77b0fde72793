import ArgumentParser

struct AvatarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "avatar",
        abstract: "Prepare faces of your own, and see whether SadTalker works.",
        subcommands: [AvatarRigCommand.self, AvatarDoctorCommand.self]
    )
}
