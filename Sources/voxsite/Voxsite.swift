import ArgumentParser
import Glibc

@main
struct Voxsite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voxsite",
        abstract: "From a folder of training runs to a live dashboard that is only files.",
        discussion: """
            voxsite train --config configs/stage1.yaml      train a speech recogniser
            voxsite build --watch --serve -r runs -o site   draw the dashboard, keep it fresh, serve it
            voxsite sync gpu:/root/runs/ runs/ --follow     carry them here from where they are trained
            voxsite demo                                    watch a small real training run, right now
            voxsite speak "Your quest awaits" -o quest.mp4  make a talking-head clip
            """,
        version: "0.1.0",
        subcommands: [
            BuildCommand.self, ServeCommand.self, SyncCommand.self, BackupCommand.self, HostsCommand.self,
            TrainCommand.self, TranscribeCommand.self, TokenizerCommand.self, CheckpointCommand.self,
            SpeakCommand.self, AvatarCommand.self, DemoCommand.self,
        ]
    )

    /// Exit codes are those of `ExitStatus`, not the parser's own.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.exit(with: error)
        }
    }
}
