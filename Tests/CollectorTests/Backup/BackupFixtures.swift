import Files
import Foundation
import RunRecords
import Synchronization
import TestSupport

@testable import Collector

/// A source folder, a destination and a run for one test.
struct BackupFixture: Sendable {
    let directory: TemporaryDirectory
    let wall = Mutexed(1_795_490_000.0)

    /// - Parameter inMemory: whether flushing to the device costs nothing, for tests of hundreds of passes.
    /// - Throws: what the system says.
    init(inMemory: Bool = false) throws {
        let memory = inMemory && FileIdentity.find("/dev/shm")?.kind == .directory ? "/dev/shm" : nil
        directory = try TemporaryDirectory(in: memory)
        try directory.createDirectory("source")
    }

    var source: String { directory.path(of: "source") }
    var job: BackupJob {
        BackupJob(
            name: "job",
            source: Location(path: source, hasTrailingSlash: true),
            destination: directory.path(of: "backups"),
            run: "run",
            runs: directory.path(of: "runs"),
            interval: .seconds(1800),
            jitter: .seconds(60),
            finalTimeout: .seconds(75)
        )
    }
    var folder: String { job.folder }

    /// Time that jumps ahead when someone waits, a wall clock that ticks with each look, and the folder itself as
    /// the source.
    func environment(
        without missing: TransportCapabilities = [],
        time: MonotonicTime = JumpingClock().time
    ) -> BackupEnvironment {
        let wall = wall
        return BackupEnvironment(
            open: { ScriptedTransport($0.path, without: missing, pieceLength: 1 << 20) },
            time: time,
            wallClock: {
                wall.update {
                    $0 += 0.001; return $0
                }
            },
            random: { 0.5 }
        )
    }

    func open(atStep: @escaping @Sendable (StoreStep) throws -> Void = { _ in }) async throws -> BackupStore {
        let wall = wall
        return try await BackupStore.open(
            folder,
            now: {
                wall.update {
                    $0 += 1; return $0
                }
            },
            atStep: atStep
        )
    }

    func pass(_ environment: BackupEnvironment? = nil, isFinal: Bool = false) async throws -> BackupReport {
        let environment = environment ?? self.environment()
        let store = try await BackupStore.open(
            folder,
            now: environment.wallClock,
            atStep: environment.atStep
        )
        return try await BackupPass(job: job, environment: environment, store: store, isFinal: isFinal).run()
    }

    /// Writes a file of the source in one step, with a time of its own.
    func put(_ bytes: [UInt8], _ name: String) throws {
        try directory.createDirectory("source")
        if let slash = name.lastIndex(of: "/") { try directory.createDirectory("source/" + name[..<slash]) }
        try AtomicFile.write(bytes, to: "\(source)/\(name)", synchronizing: false)
        let time = wall.update {
            $0 += 1; return $0
        }
        let file = try OpenFile("\(source)/\(name)", flags: O_RDWR)
        try file.setModified(nanoseconds: Int64(time) * 1_000_000_000)
    }

    /// A little checkpoint as `torch.save` writes it.
    static func checkpoint(_ seed: UInt64, byteCount: Int = 2000) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return ZipFixture.checkpoint { random.bytes(byteCount) }.bytes
    }

    /// What is kept, below the job's folder: without hidden files, manifest and quarantine.
    var names: [String] {
        let files = (try? StoreFolder(path: folder).files().map(\.string)) ?? []
        return files.filter { $0 != "manifest.jsonl" && !$0.hasPrefix(".") }.sorted()
    }

    func kept(_ name: String) -> [UInt8]? { try? OpenFile.reading("\(folder)/\(name)").readAll() }

    var events: [JSONValue] {
        let text = (try? directory.readText("runs/run/backup.jsonl")) ?? ""
        return text.split(separator: "\n").compactMap { try? JSONParser.parse(Array($0.utf8)) }
    }
}

/// A value that several tasks change.
final class Mutexed<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    @discardableResult
    func update<Result: Sendable>(_ body: @Sendable (inout Value) throws -> Result) rethrows -> Result {
        try state.withLock { value in try body(&value) }
    }
}

/// A clock that stands still until a test moves it, and that tells who waits by it.
final class SteppedTime: Sendable {
    private struct State {
        var now: Duration = .zero
        var serial = 0
        var sleepers: [Int: (deadline: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    var time: MonotonicTime {
        MonotonicTime(now: { self.now }, sleep: { try await self.sleep($0) })
    }

    var now: Duration { state.withLock { $0.now } }

    /// How long those who wait still have to, shortest first.
    var waits: [Duration] {
        state.withLock { state in state.sleepers.values.map { $0.deadline - state.now }.sorted() }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Waits until those who wait are as a test expects.
    func wait(until isExpected: @Sendable ([Duration]) -> Bool) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { $0.watchers.append(continuation) }
        if isExpected(waits) { return }
        for await _ in stream where isExpected(waits) { return }
    }

    private func sleep(_ duration: Duration) async throws {
        guard duration > .zero else { return try Task.checkCancellation() }
        let key = state.withLock { state in
            state.serial += 1
            return state.serial
        }
        defer { tell() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(key) != nil { return true }
                    state.sleepers[key] = (state.now + duration, continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                tell()
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: key)
                if sleeper == nil { state.cancelled.insert(key) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func tell() { for watcher in state.withLock({ $0.watchers }) { watcher.yield() } }
}
