import ArgumentParser

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Save checkpoints from a training host, on a schedule, each copy verified.",
        discussion: """
            voxsite backup --config backup.yaml          many jobs, until stopped
            voxsite backup gpu:run/ backups --once       one folder, now
            voxsite backup run --help                    every flag of these two
            voxsite backup list backups                  what is there
            voxsite backup restore backups -o best.pt    bring one back
            voxsite backup verify backups                read everything again

            Saved are the best, the newest step_*, the final and epoch_history.log. Ctrl-C or SIGTERM makes a last pass \
            (logs first, then best, then the newest step); a second one ends at once.

            Exit codes are rsync's: 0 all is verified, 23 something is not; with --once also 1 usage, 5 trust, 10 and 35 \
            no connection, 11 disk.
            """,
        subcommands: [
            BackupRunCommand.self, BackupListCommand.self, BackupVerifyCommand.self,
            BackupRestoreCommand.self,
        ],
        defaultSubcommand: BackupRunCommand.self
    )
}
