import ArgumentParser

struct AvatarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "avatar",
        abstract: "Prepare faces of your own.",
        subcommands: [AvatarRigCommand.self]
    )
}
