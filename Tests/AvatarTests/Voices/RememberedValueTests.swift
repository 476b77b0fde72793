import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Avatar

/// What many want at once is found out once.
@Suite(.timeLimit(.minutes(1))) struct RememberedValueTests {
    /// Something that is found out when a test says so.
    private final class Gate: Sendable {
        private let counts = Mutex((begun: 0, cancelled: 0))
        private let (openings, opening) = AsyncStream.makeStream(of: Void.self)

        var begun: Int { counts.withLock { $0.begun } }
        var cancelled: Int { counts.withLock { $0.cancelled } }

        func open() { opening.finish() }

        func wait() async throws -> Int {
            let count = counts.withLock {
                $0.begun += 1
                return $0.begun
            }
            for await _ in openings {}
            if Task.isCancelled { counts.withLock { $0.cancelled += 1 } }
            try Task.checkCancellation()
            return count
        }
    }

    @Test func `of sixty who ask at once, one search answers all`() async throws {
        let gate = Gate()
        let value = RememberedValue { try await gate.wait() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<60 { group.addTask { try await value.value() } }
            try await waitUntil { await value.waiterCount == 60 }
            gate.open()
            for try await found in group { #expect(found == 1) }
        }
        #expect(try await value.value() == 1 && gate.begun == 1)
    }

    @Test func `whoever gives up waits no longer, and takes nothing from the others`() async throws {
        let gate = Gate()
        let value = RememberedValue { try await gate.wait() }
        let impatient = Task { try await value.value() }
        let patient = Task { try await value.value() }
        try await waitUntil { await value.waiterCount == 2 }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        #expect(gate.cancelled == 0)
        gate.open()
        #expect(try await patient.value == 1)
    }

    @Test func `the last who gives up ends the search, and the next begins anew`() async throws {
        let (first, second) = (Gate(), Gate())
        let isFirst = Mutex(true)
        let value = RememberedValue {
            let gate = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst ? first : second
            }
            return try await gate.wait()
        }
        let lonely = Task { try await value.value() }
        try await waitUntil { first.begun == 1 }
        lonely.cancel()
        await #expect(throws: CancellationError.self) { try await lonely.value }
        #expect(first.cancelled == 1)
        second.open()
        #expect(try await value.value() == 1)
    }

    @Test func `values and failures age`() async throws {
        let time = ClockReading(.now)
        let searches = Mutex(0)
        let value = RememberedValue(lifetimeSeconds: 100, now: { time.now }) {
            let count = searches.withLock {
                $0 += 1
                return $0
            }
            guard count > 2 else { throw AvatarError.text(reason: "\(count)") }
            return count
        }
        for (seconds, reason) in [(0.0, "1"), (19, "1"), (2, "2"), (19, "2")] {
            time.advance(seconds: seconds)
            await #expect(throws: AvatarError.text(reason: reason)) { try await value.value() }
        }
        for (seconds, found) in [(2.0, 3), (99, 3), (2, 4)] {
            time.advance(seconds: seconds)
            #expect(try await value.value() == found)
        }
    }

    @Test func `sixty who ask for voices start one helper, though it fails`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("#!/bin/sh\necho x >> '\(folder.path)/runs'\nsleep 0.2\nexit 3\n", to: "helper")
        let helper = folder.path(of: "helper")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper)
        let time = ClockReading(.now)
        let provider = EspeakProvider(helper: SpeechHelper(path: helper), now: { time.now })
        let catalog = VoiceCatalog(providers: [provider])
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<60 { group.addTask { try await catalog.offers().first?.problem } }
            for try await problem in group { #expect(problem?.contains("status 3") == true) }
        }
        #expect(try folder.readText("runs") == "x\n")
        time.advance(seconds: 21)
        #expect(try await catalog.offers().first?.problem?.contains("status 3") == true)
        #expect(try folder.readText("runs") == "x\nx\n")
    }
}
