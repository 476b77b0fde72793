import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// What every transport does when it is read from; in the manner of rclone's fstests.
@Suite(.serialized)
struct TransportConformanceReadingTests {
    static let block = 1 << 20

    @Test(arguments: TransportFactory.available)
    func aListingHasEveryFileWithItsSizeAndNothingElse(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.list) else { return }
            try fixture.folder.write("12345", to: "a.txt")
            try fixture.folder.write("", to: "empty")
            try fixture.folder.write("x", to: "runs/stage2/metrics.jsonl")
            try fixture.folder.createDirectory("runs/hollow")
            let all = try await transport.list(nil, recursively: true)
            #expect(all.problems.isEmpty)
            #expect(
                all.files.map(\.path.string)
                    == ["a.txt", "empty", "runs", "runs/hollow", "runs/stage2", "runs/stage2/metrics.jsonl"]
            )
            #expect(
                all.files.map(\.status.kind) == [.file, .file, .directory, .directory, .directory, .file]
            )
            #expect(all.files.filter { $0.status.kind == .file }.map(\.status.size) == [5, 0, 1])
            let top = try await transport.list(nil, recursively: false)
            #expect(top.files.map(\.path.string) == ["a.txt", "empty", "runs"])
            let below = try await transport.list(relative("runs"), recursively: false)
            #expect(below.files.map(\.path.string) == ["runs/hollow", "runs/stage2"])
            let deep = try await transport.list(relative("runs/stage2"), recursively: true)
            #expect(deep.files.map(\.path.string) == ["runs/stage2/metrics.jsonl"])
            #expect(try await transport.list(relative("runs/hollow"), recursively: true) == Listing())
        }
    }

    @Test(arguments: TransportFactory.available)
    func textIsWhatTheBytesAre(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            let text = Array((0..<30_000).map { "{\"step\":\($0)}\n" }.joined().utf8)
            try fixture.folder.write(text, to: "a/m.jsonl")
            let path = try relative("a/m.jsonl")
            // Below and above the length from which on it comes compressed; up to the end and beyond it.
            for (offset, count) in [
                (0, 10), (5, 100_000), (7, 1 << 20), (text.count, 50_000), (1 << 30, 1 << 16),
            ] {
                let bytes = try await transport.text(of: path, from: offset, count: count)
                #expect(bytes.elementsEqual(text.dropFirst(offset).prefix(count)), "\(offset) \(count)")
            }
            for count in [10, 100_000] {
                await #expect(throws: CollectorError.self) {
                    try await transport.text(of: relative("a/none"), from: 0, count: count)
                }
            }
            if transport.capabilities.contains(.checksum) {
                var checksum = PosixChecksum()
                text.withUnsafeBytes { checksum.update($0) }
                #expect(
                    try await transport.checksum(of: path)
                        == FileChecksum(value: checksum.value, byteCount: text.count)
                )
                for (offset, count) in [(5, 10), (5, 200_000), (text.count, 50_000)] {
                    let both = try await transport.textAndChecksum(of: path, from: offset, count: count)
                    #expect(both.text.elementsEqual(text.dropFirst(offset).prefix(count)))
                    #expect(both.checksum == FileChecksum(value: checksum.value, byteCount: text.count))
                }
                for count in [10, 100_000] {
                    await #expect(throws: CollectorError.self) {
                        _ = try await transport.textAndChecksum(of: relative("a/none"), from: 0, count: count)
                    }
                }
            }
        }
    }

    /// Seconds that a clock of the other side may lack: it is told in whole ones, and not for every answer.
    @Test(arguments: TransportFactory.available)
    func theTimeThereIsNeverAheadAndNotFarBehind(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { _, transport in
            guard let there = await transport.currentTime() else {
                #expect(!transport.capabilities.contains(.fineTimes))
                return
            }
            let here = Int64(Date().timeIntervalSince1970 * 1e9)
            #expect(there <= here + 1_000_000 && there > here - 30_000_000_000)
        }
    }

    @Test(arguments: TransportFactory.available)
    func listingWhatIsNotThereOrNoFolderFails(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.list) else { return }
            try fixture.folder.write("x", to: "file")
            await #expect(throws: CollectorError.self) {
                try await transport.list(relative("none"), recursively: false)
            }
            await #expect(throws: CollectorError.self) {
                try await transport.list(relative("file"), recursively: false)
            }
            await #expect(throws: CollectorError.self) {
                try await transport.list(relative("no/such/folder"), recursively: true)
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func statusTellsWhatIsThereInTheOrderAsked(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            try fixture.folder.write("12345", to: "a/b/c.log")
            try fixture.folder.write("1", to: "z")
            let answers = try await transport.status(
                of: ["z", "none", "a/b/c.log", "a/none", "no/such", "z", "z/below"].map { try relative($0) }
            )
            #expect(answers.map { $0?.size } == [1, nil, 5, nil, nil, 1, nil])
            #expect(answers[0]?.kind == .file)
            let real = try FileIdentity(ofFileAt: fixture.folder.path(of: "z"))
            if let modified = answers[0]?.modifiedNanoseconds {
                let unit: Int64 = transport.capabilities.contains(.fineTimes) ? 1 : 1_000_000_000
                #expect(modified / unit == real.modifiedNanoseconds / unit)
            }
            if transport.capabilities.contains(.inode) { #expect(answers[0]?.inode == real.inode) }
            if let mode = answers[0]?.mode { #expect(mode == real.mode) }
            #expect(try await transport.status(of: []).isEmpty)
        }
    }

    @Test(arguments: TransportFactory.available)
    func hundredsOfFilesAreLookedAtInOneCall(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.batchStatus) else { return }
            let names = (0..<700).map { "run-\($0)/metrics.jsonl" }
            for (index, name) in names.enumerated() {
                try fixture.folder.write(String(repeating: "x", count: index), to: name)
            }
            let answers = try await transport.status(of: names.map { try relative($0) })
            #expect(answers.map { $0?.size } == Array(0..<700))
        }
    }

    /// Offsets around the start, the end, and the borders of buffers; sync.md, section 3, "Offsets".
    @Test(arguments: TransportFactory.available)
    func rangesAreExactAtEveryBorder(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            var random = SeededRandom.fresh()
            let contents = random.bytes(Self.block + 4113)
            try fixture.folder.write(contents, to: "data")
            let size = contents.count
            let offsets = [0, 1, 4095, 4096, Self.block - 1, Self.block, size - 1, size, size + 1, size * 2]
            for offset in offsets {
                for count in [0, 1, 4096, Self.block, Self.block + 1, size + 5] {
                    let bytes = try await transport.bytes(of: relative("data"), from: offset, count: count)
                    let start = min(offset, size)
                    let isRight = bytes == Array(contents[start..<min(size, start + count)])
                    #expect(isRight, "from \(offset), \(count) bytes; \(random)")
                }
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func everyByteValueComesThrough(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            let contents = (0..<1024).map { UInt8(truncatingIfNeeded: $0) } + [0x0A, 0x0D, 0x00, 0x0A]
            try fixture.folder.write(contents, to: "bytes")
            #expect(try await transport.bytes(of: relative("bytes"), from: 0, count: 2 << 20) == contents)
            #expect(try await transport.bytes(of: relative("bytes"), from: 0, count: 4096) == contents)
            try fixture.folder.write([], to: "empty")
            #expect(try await transport.bytes(of: relative("empty"), from: 0, count: 4096).isEmpty)
            #expect(try await transport.bytes(of: relative("empty"), from: 5, count: 2 << 20).isEmpty)
        }
    }

    @Test(arguments: TransportFactory.available)
    func whatIsMissingHasVanished(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            for name in ["none", "no/such/file"] {
                for count in [10, 2 << 20] {
                    await expectVanished {
                        try await transport.bytes(of: relative(name), from: 0, count: count)
                    }
                }
                guard transport.capabilities.contains(.hash) else { continue }
                await expectVanished { _ = try await transport.sha256(of: relative(name), prefix: nil) }
            }
            try fixture.folder.createDirectory("folder")
            await #expect(throws: CollectorError.self) {
                try await transport.bytes(of: relative("folder"), from: 0, count: 10)
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func growthIsSeenAtOnce(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            var whole = ""
            for line in 0..<20 {
                try fixture.folder.append("line \(line)\n", to: "log")
                let before = whole.utf8.count
                whole += "line \(line)\n"
                #expect(try await transport.status(of: relative("log"))?.size == whole.utf8.count)
                let tail = try await transport.bytes(of: relative("log"), from: before, count: 1 << 16)
                #expect(String(decoding: tail, as: UTF8.self) == "line \(line)\n")
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func hashesAreThoseOfTheBytes(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            guard transport.capabilities.contains(.hash) else { return }
            var random = SeededRandom.fresh()
            let contents = random.bytes(200_000)
            try fixture.folder.write(contents, to: "data")
            for prefix in [0, 1, 65_536, 199_999, 200_000, 300_000, nil] {
                let expected = SHA256Value(hashing: Array(contents.prefix(prefix ?? .max)))
                #expect(try await transport.sha256(of: relative("data"), prefix: prefix) == expected)
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func whatTheSinkThrowsIsThrownOnAndTheTransportGoesOn(_ factory: TransportFactory) async throws {
        struct Enough: Error {}
        try await withFixture(factory) { fixture, transport in
            try fixture.folder.write([UInt8](repeating: 7, count: 4 << 20), to: "data")
            for count in [100, 4 << 20] {
                await #expect(throws: Enough.self) {
                    try await transport.read(relative("data"), from: 0, count: count) { _ in throw Enough() }
                }
            }
            #expect(try await transport.bytes(of: relative("data"), from: 0, count: 3) == [7, 7, 7])
        }
    }

    @Test(arguments: TransportFactory.available)
    func manyThingsAtOnceAnswerEachItsOwn(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            for number in 0..<24 {
                let size = number.isMultiple(of: 6) ? 1_300_000 : 1000
                try fixture.folder.write([UInt8](repeating: UInt8(number), count: size), to: "file-\(number)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let name = try relative("file-\(number)")
                        let bytes = try await transport.bytes(of: name, from: 0, count: 1_400_000)
                        #expect(bytes.allSatisfy { $0 == UInt8(number) } && bytes.count >= 1000)
                        #expect(try await transport.status(of: name)?.size == bytes.count)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: TransportFactory.available)
    func cancellingEndsAReadAndLeavesTheTransportUsable(_ factory: TransportFactory) async throws {
        try await withFixture(factory) { fixture, transport in
            try fixture.folder.write([UInt8](repeating: 7, count: 32 << 20), to: "data")
            let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await transport.read(relative("data"), from: 0, count: 32 << 20) { _ in
                    continuation.yield()
                }
            }
            for await _ in begun { break }
            task.cancel()
            // It may have been done already.
            switch await task.result {
            case .success(let count): #expect(count == 32 << 20)
            case .failure(let error): #expect(error is CancellationError)
            }
            #expect(try await transport.bytes(of: relative("data"), from: 0, count: 2) == [7, 7])
        }
    }
}

/// Makes a transport, runs a test with it, and closes it.
func withFixture(
    _ factory: TransportFactory,
    _ body: (TransportFixture, any Transport) async throws -> Void
) async throws {
    let fixture = try await factory.make()
    do { try await body(fixture, fixture.transport) } catch {
        await fixture.transport.close()
        throw error
    }
    await fixture.transport.close()
    withExtendedLifetime(fixture) {}
}

func relative(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

func expectVanished(
    _ body: () async throws -> some Any,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        _ = try await body()
        Issue.record("it was there", sourceLocation: sourceLocation)
    } catch let error as CollectorError {
        guard case .vanished = error else {
            Issue.record("\(error)", sourceLocation: sourceLocation)
            return
        }
    } catch { Issue.record("\(error)", sourceLocation: sourceLocation) }
}
