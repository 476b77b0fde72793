import ArgumentParser
import Collector

/// `voxsite backup` itself.
struct BackupRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Back up, on a schedule or once. What `voxsite backup` does by itself."
    )

    @Argument(help: "The folder with the checkpoints: a path, [user@]host:path, sftp:// or https://.")
    var source: String?

    @Argument(help: "The folder here that the copies are kept in.")
    var destination: String?

    @Option(
        name: .shortAndLong,
        help: "A backup.yaml with any number of jobs, instead of a source and flags."
    )
    var config: String?

    @Flag(help: "Make one pass and end.")
    var once = false

    @Option(help: "The job's name: that of its folder in the destination. (default: the run's)")
    var name: String?

    @Option(
        help:
            "The run that the checkpoints belong to: its status ends the schedule, its page shows the backups."
    )
    var run: String?

    @Option(name: .shortAndLong, help: "The folder of collected runs.")
    var runs = "runs"

    @Option(help: "How often. (default: 30m)")
    var interval: String?

    @Option(help: "At most so much is added to each interval. (default: a tenth of it)")
    var jitter: String?

    @Option(help: "How long the last pass may take. (default: 75s)")
    var finalTimeout: String?

    @Option(help: "How many steps are kept. (default: 3)")
    var keepLast: Int?

    @Option(help: "How many of each best are kept. (default: 2)")
    var keepBest: Int?

    @OptionGroup var connection: BackupConnectionOptions
    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard config == nil || (source == nil && destination == nil) else {
            throw ValidationError("name a source and a destination, or a --config, not both")
        }
        guard config != nil || (source != nil && destination != nil) else {
            throw ValidationError("name a source and a destination, or a --config with jobs")
        }
    }

    func run() async throws {
        try await BackupFailure.exiting {
            let service = BackupService(jobs: try configuration().jobs, environment: try environment())
            let stop = OrderlyStop()
            let signals = StopSignals { _ in stop.request() }
            let isOnce = once
            let ending = try await signals.listening {
                try await isOnce ? service.runOnce(stop: stop) : service.run(stop: stop)
            }
            guard ending.isVerified else {
                Console.error("voxsite: some files are not backed up and verified; see above")
                throw ExitCode(ending.exitStatus)
            }
            if signals.wasInterrupted { throw CancellationError() }
        }
    }

    private func configuration() throws -> BackupConfiguration {
        if let config { return try BackupConfiguration.read(config) }
        var flags = BackupFlags(source: source ?? "", destination: destination ?? "")
        flags.name = name
        flags.run = run
        flags.runs = runs
        flags.interval = interval
        flags.jitter = jitter
        flags.finalTimeout = finalTimeout
        flags.keepLast = keepLast
        flags.keepBest = keepBest
        return try flags.configuration()
    }

    private func environment() throws -> BackupEnvironment {
        let opener = try connection.opener()
        let console = talk.console
        return BackupEnvironment(
            open: { try await opener.open($0) },
            report: { report in
                if report.isVerified { console.say("\(report)") } else { Console.error("\(report)") }
            },
            say: { Console.error($0) }
        )
    }
}

/// How hosts are reached.
struct BackupConnectionOptions: ParsableArguments {
    @Option(help: "The file with the known hosts. (default: $VOXSITE_HOSTS or ~/.config/voxsite/hosts.yaml)")
    var hosts: String?

    @Option(help: "At most so many KiB a second; a unit may follow, as in 2m.")
    var bwlimit: String?

    @Option(help: "Seconds without a byte before a host counts as silent.")
    var timeout = 30.0

    @Option(help: "Seconds until a connection stands.")
    var contimeout = 20.0

    func validate() throws {
        guard timeout > 0, timeout.isFinite else { throw ValidationError("--timeout: \(timeout) is no time") }
        guard contimeout > 0, contimeout.isFinite else {
            throw ValidationError("--contimeout: \(contimeout) is no time")
        }
    }

    func opener() throws -> TransportOpener {
        TransportOpener(
            hosts: try HostDirectory(contentsOf: HostDirectory.defaultFile(given: hosts)),
            timeouts: TransferTimeouts(connectSeconds: contimeout, silenceSeconds: timeout),
            bytesPerSecond: try BackupFlags.bytesPerSecond(bwlimit)
        )
    }
}

/// Turns what a backup fails with into what a shell is told.
enum BackupFailure {
    /// Runs a command's work; a failure of the collector is printed and becomes its exit code.
    static func exiting(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as CollectorError {
            Console.error("voxsite: \(error)")
            throw ExitCode(error.exitStatus)
        }
    }
}
