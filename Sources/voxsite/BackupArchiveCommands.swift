import ArgumentParser
import Collector

/// `voxsite backup list`.
struct BackupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what is backed up, and how far each copy is verified."
    )

    @Argument(help: "The destination of a backup, or one job's folder in it.")
    var destination: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await BackupFailure.exiting {
            let archive = try BackupArchive(destination)
            print(json ? archive.json : archive.table)
        }
    }
}

/// `voxsite backup verify`.
struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every copy again: its hash, its structure, its alias. Exit code 23 where one is bad."
    )

    @Argument(help: "The destination of a backup, or one job's folder in it.")
    var destination: String

    @OptionGroup var talk: TalkOptions

    func run() async throws {
        try await BackupFailure.exiting {
            let console = talk.console
            let result = try await BackupAudit(BackupArchive(destination)).run { console.detail($0) }
            for path in result.quarantined {
                console.say("\(path): in quarantine: it never could be verified, and is no backup")
            }
            for defect in result.defects { Console.error("\(defect.path): \(defect.reason)") }
            let noun = result.intactCount == 1 ? "backup is" : "backups are"
            console.say(
                "\(result.intactCount) \(noun) whole, \(result.intactByteCount) bytes; \(result.defects.count) bad"
            )
            guard result.exitStatus == 0 else { throw ExitCode(result.exitStatus) }
        }
    }
}

/// `voxsite backup restore`.
struct BackupRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a copy back, verified on the way. Nothing is overwritten without --force."
    )

    @Argument(help: "The destination of a backup, or one job's folder in it.")
    var destination: String

    @Option(
        help:
            "best, step (the largest), final, history; or a name from `voxsite backup list`, or how its SHA-256 begins."
    )
    var kind = "best"

    @Option(name: [.short, .customLong("output")], help: "Where it goes: a path, or a folder.")
    var output: String

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var talk: TalkOptions

    func run() async throws {
        try await BackupFailure.exiting {
            let restore = BackupRestore(try BackupArchive(destination))
            let outcome: BackupRestore.Outcome
            do {
                outcome = try await restore.run(.init(kind), to: output, replacing: force)
            } catch CollectorError.exists(let path) {
                Console.error("voxsite: \(path): something is there already; --force replaces it")
                throw ExitCode(CollectorError.exists(path).exitStatus)
            }
            talk.console.say(
                "\(outcome.path): \(outcome.entry.path) of \(outcome.job), \(outcome.entry.byteCount) bytes, sha256 "
                    + "\(outcome.entry.sha256)"
            )
        }
    }
}
