import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Random writers, random deaths of the collector: what was seen is never lost, doubled or changed.
@Suite struct TailPropertyTests {
    @Test(arguments: 0..<24)
    func `whatever a writer does and whenever the collector dies, nothing seen is lost or doubled`(
        _ index: Int
    ) async throws {
        var random = SeededRandom.fresh()
        let all: TransportCapabilities = [.list, .inode, .fineTimes, .hash, .write, .batchStatus]
        let channels: [TransportCapabilities] = [
            all, all.subtracting([.hash]), all.subtracting([.inode]), [.list, .fineTimes],
        ]
        let source = MemoryTransport(
            displayName: "gpu:/runs",
            capabilities: channels[index % channels.count]
        )
        let collector = try CollectorUnderTest(
            writer: MemoryLogWriter(memory: source),
            destination: MemoryTransport(displayName: "copies")
        )
        try await collector.run(actions: 60, &random)
    }

    @Test(arguments: 0..<6)
    func `the same holds between real folders`(_ index: Int) async throws {
        var random = SeededRandom.fresh()
        let copies = try TemporaryDirectory.fast()
        let collector = try CollectorUnderTest(
            writer: try FolderLogWriter(),
            destination: LocalTransport(root: copies.path)
        )
        try await collector.run(actions: 40, &random)
        withExtendedLifetime(copies) {}
    }
}

private struct Killed: Error {}

/// One log, its writer, and a collector that dies again and again.
private final class CollectorUnderTest {
    let writer: any LogWriter
    let destination: any WritableTransport
    let root: TemporaryDirectory
    let path: RelativePath
    let rotated: RelativePath
    var model = LogModel()
    var memory = TailMemory()
    var transfer: TailTransfer?
    var time = ManualTime()
    let stepsToLive = Position(-1)

    init(writer: any LogWriter, destination: any WritableTransport) throws {
        self.writer = writer
        self.destination = destination
        root = try TemporaryDirectory.fast()
        path = try RelativePath(validating: "run/metrics.jsonl")
        rotated = try RelativePath(validating: "run/metrics.jsonl.1")
    }

    func run(actions: Int, _ random: inout SeededRandom) async throws {
        var log: [String] = []
        for _ in 0..<actions {
            for _ in 0..<Int.random(in: 0...2, using: &random) { log.append(try write(&random)) }
            let isKilled = Int.random(in: 0..<3, using: &random) == 0
            log.append(isKilled ? "poll and die" : "poll")
            do {
                try await poll(dyingAfter: isKilled ? Int.random(in: 0..<12, using: &random) : nil, &random)
                try await check(log, random)
            } catch is Killed {
                transfer = nil
                memory = TailMemory()
                if Bool.random(using: &random) { log.append(try await loseUnrecorded()) }
            }
        }
        log.append("settle")
        try await poll(dyingAfter: nil, &random)
        try await check(log, random)
    }

    // MARK: The collector

    private func poll(dyingAfter steps: Int?, _ random: inout SeededRandom) async throws {
        let transfer = try self.transfer ?? makeTransfer(&random)
        self.transfer = transfer
        stepsToLive.advance(by: (steps ?? 1_000_000) - stepsToLive.value)
        let failsInWrite = steps != nil && Bool.random(using: &random)
        (destination as? MemoryTransport)?.failNextWrite(
            after: failsInWrite ? Int.random(in: 0..<300, using: &random) : nil,
            with: Killed()
        )
        for _ in 0..<1_000 {
            let outcome = try await transfer.poll(path, as: path, memory: &memory)
            if !outcome.hasMore { return }
        }
        Issue.record("a poll has no end, \(random)")
    }

    private func makeTransfer(_ random: inout SeededRandom) throws -> TailTransfer {
        var options = AppendOptions()
        options.bytesPerPoll = [64, 1_000, 1 << 20].randomElement(using: &random) ?? 64
        options.overlapByteCount = [64, 4096].randomElement(using: &random) ?? 64
        let stepsToLive = stepsToLive
        return TailTransfer(
            source: writer.transport,
            sourceName: "gpu:/runs",
            destination: destination,
            journal: try AppendJournal(root: root.path),
            options: options,
            time: time.time,
            random: { _ in 0 },
            atStep: { _ in
                stepsToLive.advance(by: -1)
                if stepsToLive.value < 0 { throw Killed() }
            }
        )
    }

    /// A power cut: what was not recorded may be zeros afterwards.
    private func loseUnrecorded() async throws -> String {
        (destination as? MemoryTransport)?.failNextWrite(after: nil, with: Killed())
        let synced = try await AppendJournal(root: root.path).entry(for: path)?.synced ?? 0
        guard let size = try await destination.status(of: path)?.size, size > synced else { return "" }
        let zeros = OnceOnly([UInt8](repeating: 0, count: size - synced))
        _ = try await destination.write(path, at: synced, truncating: false) { zeros.take() }
        return "zeros from \(synced)"
    }

    // MARK: The writer

    private func line(_ random: inout SeededRandom) -> [UInt8] {
        let digits = String(random.next(), radix: 36)
        // Random all over: the overlap may be as short as 64 bytes here.
        let fill = random.text(0...20, of: ["alpha", "beta", "gamma", "delta", "1", "22", "333", "-", "é"])
        return Array("{\"step\":\"\(digits)\",\"fill\":\"\(fill)\"}\n".utf8)
    }

    private func lines(_ count: ClosedRange<Int>, _ random: inout SeededRandom) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).flatMap { _ in line(&random) }
    }

    private func write(_ random: inout SeededRandom) throws -> String {
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<7: return try grow(lines(1...12, &random), "append")
        case 7: return try grow(Array(line(&random).dropLast(5)), "torn line")
        case 8:
            guard model.exists else { return "-" }
            let kept = Array(model.current.prefix(Int.random(in: 0...model.current.count, using: &random)))
            return try rewrite(kept, "truncate to \(kept.count)")
        case 9:
            guard model.exists else { return "-" }
            var bytes = lines(1...3, &random)
            while bytes.count <= model.current.count { bytes += line(&random) }
            return try rewrite(bytes, "truncate and grow past the end")
        case 10:
            guard model.exists, !model.current.isEmpty else { return "-" }
            var bytes = line(&random)
            while bytes.count < model.current.count { bytes += line(&random) }
            return try rewrite(Array(bytes.prefix(model.current.count)), "rewrite in the same size")
        case 11, 12: return try rotate(&random)
        case 13:
            let bytes = lines(0...6, &random)
            try writer.recreate(path, bytes, reusingInode: Bool.random(using: &random))
            model.begin(bytes)
            return "recreate"
        case 14:
            try writer.remove(path)
            model.exists = false
            return "vanish"
        default:
            // The very same contents in another file: no new life.
            guard model.exists else { return "-" }
            try writer.recreate(path, model.current, reusingInode: false)
            return "recreate the same"
        }
    }

    private func grow(_ bytes: [UInt8], _ what: String) throws -> String {
        if model.exists {
            try writer.append(bytes, to: path)
        } else {
            try writer.recreate(path, bytes, reusingInode: false)
        }
        model.append(bytes)
        return what
    }

    private func rewrite(_ bytes: [UInt8], _ what: String) throws -> String {
        try writer.rewrite(path, bytes)
        model.begin(bytes)
        return what
    }

    private func rotate(_ random: inout SeededRandom) throws -> String {
        guard model.exists else { return "-" }
        // The writer still has the file open when it is renamed.
        let late = lines(0...4, &random)
        try writer.append(late, to: path)
        model.append(late)
        try writer.rename(path, to: rotated)
        let bytes = lines(0...4, &random)
        try writer.recreate(path, bytes, reusingInode: false)
        model.begin(bytes)
        return "rotate"
    }

    // MARK: What must hold

    private func check(_ log: [String], _ random: SeededRandom) async throws {
        let comment: Comment = "\(random), \(log.suffix(8))"
        let listing = try await destination.list(nil, recursively: true)
        var collected: [(suffix: String, bytes: [UInt8])] = []
        for file in listing.files where file.status.kind == .file {
            let bytes = try await destination.bytes(of: file.path, from: 0, count: file.status.size)
            collected.append((String(file.path.string.dropFirst(path.string.count)), bytes))
        }
        if model.exists {
            let copy = collected.first { $0.suffix.isEmpty }?.bytes
            let isEqual = copy == model.current
            #expect(isEqual, comment)
            model.noteSeen()
        }
        let defects = model.defects(in: collected)
        if !defects.isEmpty, ProcessInfo.processInfo.environment["VOXSITE_TEST_SEED"] != nil {
            // Who repeats a failure wants to see what is where.
            for file in collected {
                print(file.suffix, file.bytes.count, String(decoding: file.bytes.prefix(40), as: UTF8.self))
            }
            for life in model.lives {
                print(life.bytes.count, life.seen, String(decoding: life.bytes.prefix(40), as: UTF8.self))
            }
        }
        try #require(defects.isEmpty, "\(random) \(log.suffix(24)) \(defects)")
        let entry = await transfer?.journal.entry(for: path)
        if model.exists, let entry, let copy = collected.first(where: { $0.suffix.isEmpty })?.bytes {
            #expect(entry.synced == copy.count, comment)
            #expect(entry.lineEnd == (copy.lastIndex(of: 10) ?? -1) + 1, comment)
            #expect(entry.headHash == SHA256Value(hashing: Array(copy.prefix(4096))), comment)
        }
    }
}
