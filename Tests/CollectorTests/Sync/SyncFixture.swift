@testable import Collector
import Files
import Foundation
import Synchronization
import TestSupport

/// Carries logs in the simplest way that is right for tests: what is missing at the end.
struct SimpleCarrier: AppendCarrier {
    let source: any Transport
    let destination: any WritableTransport

    func carry(_ path: RelativePath, status: FileStatus) async throws -> AppendOutcome {
        let present = try await destination.status(of: path)?.size ?? 0
        let bytes = try await source.bytes(of: path, from: present, count: max(0, status.size - present))
        let rest = Mutex<[UInt8]>(bytes)
        let count = try await destination.write(path, at: present, truncating: false) {
            rest.withLock { rest in
                defer { rest = [] }
                return rest
            }
        }
        return AppendOutcome(carriedByteCount: count)
    }
}

/// Two folders, ours and rsync's, made the same way.
struct SyncFixture {
    let directory: TemporaryDirectory
    var path: String { directory.path }

    init() throws { directory = try TemporaryDirectory() }

    /// Puts a file with a time of whole seconds.
    func put(_ text: String, at name: String, seconds: Int = 1_700_000_000, mode: UInt32 = 0o644) throws {
        let full = path + "/" + name
        try FileSystem.createDirectories(FileSystem.folder(of: full))
        try AtomicFile.write(Array(text.utf8), to: full, synchronizing: false)
        chmod(full, mode)
        setTime(of: name, seconds: seconds)
    }

    func setTime(of name: String, seconds: Int) {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        utimensat(AT_FDCWD, path + "/" + name, times, AT_SYMLINK_NOFOLLOW)
    }

    /// What a folder holds, in comparable lines.
    func tree(_ name: String, withTimes: Bool = true, withModes: Bool = true) throws -> [String] {
        guard FileIdentity.find(path + "/" + name) != nil else { return ["(nothing)"] }
        var lines: [String] = []
        for entry in try DirectoryTree.walk(path + "/" + name) {
            var line = "\(entry.path) \(entry.kind)"
            if withModes { line += " " + String(entry.identity.mode, radix: 8) }
            let seconds = entry.identity.modifiedNanoseconds / 1_000_000_000
            // The two programs run one after the other.
            if withTimes { line += seconds > 1_750_000_000 ? " now" : " \(seconds)" }
            if entry.kind == .file {
                let bytes = try OpenFile.reading(entry.path.below(path + "/" + name)).readAll()
                line += " " + SHA256Value(hashing: bytes).hex.prefix(12)
            }
            lines.append(line)
        }
        return lines
    }

    /// What came of a sync.
    struct Outcome {
        var result: SyncResult
        var output: [String]
        var talk: [String]
        var events: [SyncEvent]
    }

    /// Runs a sync with rsync's arguments; relative places are below the fixture.
    func sync(
        _ arguments: [String],
        open: (@Sendable (Location) async throws -> any Transport)? = nil
    ) async throws -> Outcome {
        let lines = Mutex<[(SyncReporter.Channel, String)]>([])
        let events = Mutex<[SyncEvent]>([])
        let request = try SyncArguments.parse(absolute(arguments)) { (file) throws(CollectorError) in
            do throws(FilesError) {
                return try OpenFile.reading(file).readAll()
            } catch {
                throw .file(error)
            }
        }
        guard case .sync(let options) = request else { throw CollectorError.usage("help") }
        let reporter = try SyncReporter(options.output, isDryRun: options.isDryRun) { channel, line in
            lines.withLock { $0.append((channel, line)) }
        }
        let connections = SyncConnections(
            open: open ?? { LocalTransport(root: $0.path) },
            openWritable: { LocalTransport(root: $0.path) },
            makeAppendCarrier: { SimpleCarrier(source: $0, destination: $1) }
        )
        let run = SyncRun(options: options, connections: connections, time: JumpingClock().time) { event in
            events.withLock { $0.append(event) }
            reporter.report(event)
        }
        let result = await run.run()
        reporter.finish(result)
        let all = lines.withLock { $0 }
        return Outcome(
            result: result,
            output: all.filter { $0.0 == .output }.map(\.1),
            talk: all.filter { $0.0 == .talk }.map(\.1),
            events: events.withLock { $0 }
        )
    }

    private func absolute(_ arguments: [String]) -> [String] {
        arguments.map { argument in
            guard let colon = argument.firstRange(of: "@:") else { return argument }
            return argument[..<colon.lowerBound] + path + "/" + argument[colon.upperBound...]
        }
    }

    /// Runs rsync itself with the same arguments.
    func rsync(_ arguments: [String]) async throws -> (status: Int32, output: [String]) {
        let child = try ChildProcess(Rsync.path ?? "", absolute(arguments), directory: path)
        let status = try await child.waitForExit(seconds: 30)
        let output = child.outputLines.filter {
            !$0.hasPrefix("skipping ") && !$0.hasPrefix("created ")
                && !$0.hasPrefix("cannot delete non-empty")
        }
        return (status, output)
    }
}

/// The program that these tests take as the truth.
enum Rsync {
    static let path: String? = ["/usr/bin/rsync", "/usr/local/bin/rsync"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static let absence = "rsync is not installed, so nothing compares voxsite sync with it: apt install rsync"
}
