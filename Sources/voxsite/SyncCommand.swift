import ArgumentParser
import Collector
import Files
import Glibc

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Carry run folders and checkpoints from another host, as rsync would.",
        usage: "voxsite sync [options] SRC… DEST",
        discussion: """
            A place is a path, host:path with a name from hosts.yaml, sftp://user@host:port/path or https://…; a \
            slash at the end of a source means what is in it. Logs (*.jsonl, *.log) are continued at their end and \
            never overwritten or removed; all else comes whole, verified, and is put in place in one step.

              -a                -r, -t and permissions; links and owners never
              -r, -t, -n        into folders; keep times; only say what would be
              -i, -v, -q, -h    a line per change; more; errors only; units
              -z                let ssh compress everything; logs are anyway
              -c, --checksum    compare files of equal length by SHA-256
              --size-only       files of equal length are equal
              --append-verify   continue shorter files, verify the whole
              --include=PATTERN, --exclude=PATTERN, --exclude-from=FILE,
              --files-from=FILE which names take part; the first rule that fits
              --delete          remove what the source does not have, logs never
              --max-delete=N    at most so many
              --backup-dir=DIR  keep what is replaced or removed there
              --bwlimit=RATE    KiB a second on average, or with a unit: 1.5m
              --partial-dir=DIR where files grow, beside each; always on
              --timeout=SECONDS, --contimeout=SECONDS
              --stats, --progress, -P, --json
              --out-format=FORMAT, --log-file=FILE
              --chmod=CHANGES, --mkpath
              --follow          go on as logs, run.json and media grow, until
                                stopped; with -r all files
              --hosts=FILE      instead of ~/.config/voxsite/hosts.yaml

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
        let places = try SyncPlaces(options)
        if options.follows {
            let session = try FollowSession(options, places: places, screen: screen)
            let stop = OrderlyStop()
            let signals = StopSignals { _ in stop.request() }
            let status = try await signals.listening { await session.run(stop: stop) }
            if status != 0 { throw ExitCode(status) }
            return
        }
        let run = SyncRun(options: options, connections: places.connections) { reporter.report($0) }
        let stop = OrderlyStop()
        let signals = StopSignals { _ in stop.request() }
        let result = try await signals.listening { await Self.run(run, stop: stop) }
        screen.endProgress()
        reporter.finish(result)
        if result.exitStatus != 0 { throw ExitCode(result.exitStatus) }
    }

    /// Syncs until it is done; the first request to stop cancels it, which ends it well.
    private static func run(_ run: SyncRun, stop: OrderlyStop) async -> SyncResult {
        await withTaskGroup(of: Void.self) { outer in
            // A host that does not answer may hold that up. What is on the disk can be taken up at any moment.
            outer.addTask {
                await stop.wait(for: .abort)
                guard !Task.isCancelled else { return }
                Console.error("ended at once; what was begun is taken up next time")
                _exit(20)
            }
            defer { outer.cancelAll() }
            return await withTaskGroup(of: SyncResult?.self) { group in
                group.addTask { await run.run() }
                group.addTask {
                    await stop.wait(for: .finish)
                    return nil
                }
                var result = SyncResult(exitStatus: 20)
                for await next in group {
                    group.cancelAll()
                    if let next { result = next }
                }
                return result
            }
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
