import Files
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Collector

@Suite struct BulkPipeTests {
    private static let token = String(repeating: "0123456789abcdef", count: 2)

    /// Pumps while `write` writes, and closes the other end after it.
    private func pump(
        limit: Int = .max,
        watch: SilenceWatch = SilenceWatch(seconds: 60),
        write: @escaping @Sendable (FileDescriptor) throws -> Void
    ) async throws -> (bytes: [UInt8], hasBegun: Bool) {
        let pipe = try BulkPipe()
        let bytes = Mutex<[UInt8]>([])
        async let writing: Void = {
            defer { try? pipe.writing.close() }
            try write(pipe.writing)
        }()
        let result = try await pipe.pump(
            behind: SSHOutputMarker(token: Self.token),
            limit: limit,
            what: "x",
            watch: watch,
            pacer: nil
        ) { piece in bytes.withLock { $0.append(contentsOf: piece) } }
        try await writing
        let all = bytes.withLock { $0 }
        #expect(all.count == result.count)
        return (all, result.hasBegun)
    }

    @Test func whatComesBehindTheMarkerComesOutInWhateverPieces() async throws {
        var random = SeededRandom(seed: 5)
        let bytes = random.bytes(3 << 20)
        let all = Array("a noisy login\n\(Self.token)\n".utf8) + bytes
        for length in [1 << 12, 60_001, 4 << 20] {
            let (result, hasBegun) = try await pump { end in
                for start in stride(from: 0, to: all.count, by: length) {
                    _ = try end.writeAll(all[start..<min(start + length, all.count)])
                }
            }
            #expect(result == bytes && hasBegun)
        }
        let silent = try await pump { _ = try $0.writeAll(Array("no marker".utf8)) }
        #expect(silent.bytes.isEmpty && !silent.hasBegun)
    }

    @Test func moreThanWasAskedForEndsIt() async throws {
        await #expect(throws: CollectorError.protocolViolation("x", reason: "more came than was asked for")) {
            try await pump(limit: 9) { _ = try $0.writeAll(Array("\(Self.token)\n0123456789".utf8)) }
        }
    }

    @Test func whoeverDoesNotWaitAnyMoreIsLetGo() async throws {
        let pipe = try BulkPipe()
        let watch = SilenceWatch(seconds: 60)
        let task = Task {
            try await pipe.pump(
                behind: SSHOutputMarker(token: Self.token),
                limit: 1,
                what: "x",
                watch: watch,
                pacer: nil
            ) { _ in }
        }
        task.cancel()
        // The other end stays open.
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        try pipe.writing.close()
    }
}
