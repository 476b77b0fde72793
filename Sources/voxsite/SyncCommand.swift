import ArgumentParser
import Collector
import Files
import Glibc
import UnixSignals

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Carry run folders and checkpoints from another host, as rsync would.",
        usage: "voxsite sync [options] SRC… DEST",
        discussion: """
            A place is a path, host:path with a name from hosts.yaml, sftp://user@host:port/path or https://…; a \
            slash at the end of a source means what is in it. Logs (*.jsonl, *.log) are continued at their end and \
            never overwritten or removed; all else comes whole, verified, and is put in place in one step.

              -a                  -r, -t and permissions (links, owners and devices are never carried)
              -r, -t, -n          into folders; keep times; only say what would be done
              -i, -v, -q, -h      a line per change; say more; errors only; numbers in units
              -z                  let ssh compress: for logs over slow lines, not for checkpoints
              -c, --checksum      compare files of equal length by SHA-256, computed where they are
              --size-only         files of equal length are equal
              --append-verify     continue shorter files; the whole is verified in the end
              --include=PATTERN, --exclude=PATTERN, --exclude-from=FILE, --files-from=FILE
              --delete            remove what the source does not have, logs excepted; with --max-delete=N and
                                  --backup-dir=FOLDER for what is replaced or removed
              --bwlimit=RATE      KiB per second on average, or with a unit: 1.5m
              --partial-dir=NAME  where files grow, beside each (.voxsite-partial); --partial is always on
              --timeout=SECONDS, --contimeout=SECONDS
              --stats, --progress, -P, --out-format=FORMAT, --log-file=FILE, --json
              --chmod=CHANGES, --mkpath
              --follow            go on as files grow, until stopped
              --hosts=FILE        instead of ~/.config/voxsite/hosts.yaml

            Exit codes are rsync's: 0 done, 1 usage, 3 selection, 5 not trusted or not let in, 10 no connection, \
            11 disk, 12 broken connection, 20 interrupted, 23 some files failed, 24 some vanished, 25 removing \
            stopped, 30 silence, 35 no connection in time.
            """
    )

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var arguments: [String] = []

    func run() async throws {
        do {
            switch try SyncArguments.parse(arguments, readFile: Self.contents) {
            case .help: print(Voxsite.helpMessage(for: SyncCommand.self))
            case .sync(let options): try await run(options)
            }
        } catch let error as CollectorError {
            Console.error("voxsite: \(error)")
            throw ExitCode(error.exitStatus)
        }
    }

    private func run(_ options: SyncOptions) async throws {
        let screen = SyncScreen()
        let reporter = try SyncReporter(options.output, isDryRun: options.isDryRun) { screen.write($0, $1) }
        if options.follows { throw CollectorError.usage("--follow: this build cannot follow") }
        let run = SyncRun(options: options, connections: try SyncPlaces(options).connections) {
            reporter.report($0)
        }
        let result = await Self.untilSignalled { await run.run() }
        screen.endProgress()
        reporter.finish(result)
        if result.exitStatus != 0 { throw ExitCode(result.exitStatus) }
    }

    /// Ctrl-C and a polite kill cancel the work, which then ends by itself.
    private static func untilSignalled(_ work: @escaping @Sendable () async -> SyncResult) async -> SyncResult
    {
        await withTaskGroup(of: SyncResult?.self) { group in
            group.addTask { await work() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return nil }
                return nil
            }
            var result: SyncResult?
            while let next = await group.next() {
                group.cancelAll()
                if let next { result = next }
            }
            return result ?? SyncResult(exitStatus: 20, statistics: SyncStatistics(), failure: nil)
        }
    }

    /// A file of patterns or names; `-` is standard input.
    private static func contents(_ file: String) throws(CollectorError) -> [UInt8] {
        do throws(FilesError) {
            let path = file == "-" ? "/dev/stdin" : file
            let input = try OpenFile(path, flags: O_RDONLY | O_NOCTTY, operation: "read")
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = buffer.withUnsafeMutableBytes { read(input.descriptor, $0.baseAddress, $0.count) }
                if count == 0 { return bytes }
                guard count > 0 || errno == EINTR else {
                    throw FilesError.system(operation: "read", path: file, code: errno)
                }
                bytes += buffer.prefix(max(0, count))
                guard bytes.count <= 64 << 20 else {
                    throw FilesError.system(operation: "read", path: file, code: EFBIG)
                }
            }
        } catch {
            throw .file(error)
        }
    }
}
