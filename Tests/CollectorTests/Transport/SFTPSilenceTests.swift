import Collector
import Files
import Foundation
import TestSupport
import Testing

/// Peers that vanish or fall silent: every wait has an end.
@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPSilenceTests {
    private let path: RelativePath

    init() throws { path = try RelativePath(validating: "a.pt") }

    private static let timeouts = TransferTimeouts(connectSeconds: 2, silenceSeconds: 2)

    /// Of somebody who would wait for much longer than a test may last.
    private static let patient = TransferTimeouts(connectSeconds: 600, silenceSeconds: 600)

    @Test("a session that falls silent is given up in time, between and in transfers")
    func silentSession() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 1, count: 6 << 20), to: "a.pt")
        let transport = try server.transport(timeouts: Self.timeouts)
        _ = try await transport.status(of: path)
        server.server.signalSessions(SIGSTOP)
        let beginning = ContinuousClock.now
        let error = try await failure { try await transport.status(of: path) }
        let took = beginning.duration(to: .now)
        guard case CollectorError.timeout(_, 2) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(took > .seconds(1.9) && took < .seconds(60), "\(took)")
        // The silent session is left behind; a new one answers.
        #expect(try await transport.status(of: path)?.size == 6 << 20)

        let slow = try server.transport(timeouts: Self.timeouts, bytesPerSecond: 1 << 20)
        let began = AsyncStream.makeStream(of: Void.self)
        let broken = Task {
            try await slow.read(path, from: 0, count: 6 << 20) { _ in began.continuation.yield() }
        }
        for await _ in began.stream { break }
        server.server.signalSessions(SIGSTOP)
        let start = ContinuousClock.now
        let silence = try await failure { try await broken.value }
        guard case CollectorError.timeout = silence else {
            Issue.record("\(silence)")
            return
        }
        #expect(start.duration(to: .now) < .seconds(60))
        server.server.signalSessions(SIGKILL)
        await slow.close()
        await transport.close()
    }

    @Test("a server that takes the connection and says nothing is given up in time")
    func silentListener() async throws {
        let server = try await SFTPTestServer()
        server.server.signalListener(SIGSTOP)
        let transport = try server.transport(timeouts: Self.timeouts)
        let beginning = ContinuousClock.now
        let error = try await failure { try await transport.status(of: path) }
        let took = beginning.duration(to: .now)
        #expect(error as? CollectorError == .connectTimeout(host: "gpu", seconds: 2), "\(error)")
        #expect(took > .seconds(1.9) && took < .seconds(60), "\(took)")
        await transport.close()
    }

    @Test("a session that is killed breaks the transfer, and the next one connects anew")
    func killedSession() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 1, count: 6 << 20), to: "a.pt")
        let transport = try server.transport(bytesPerSecond: 1 << 20)
        let began = AsyncStream.makeStream(of: Void.self)
        let broken = Task {
            try await transport.read(path, from: 0, count: 6 << 20) { _ in began.continuation.yield() }
        }
        for await _ in began.stream { break }
        server.server.signalSessions(SIGKILL)
        let breakage = try await failure { try await broken.value }
        guard case CollectorError.stream = breakage else {
            Issue.record("\(breakage)")
            return
        }
        #expect(try await transport.bytes(of: path, from: 0, count: 2) == [1, 1])
        server.server.signalSessions(SIGKILL)
        #expect(try await transport.status(of: path)?.size == 6 << 20, "a dead idle connection is replaced")
        await transport.close()
    }

    @Test("a cancelled task ends its transfer at once, and those that wait behind it go on")
    func cancellation() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 1, count: 6 << 20), to: "a.pt")
        let transport = try server.transport(timeouts: Self.patient, bytesPerSecond: 50 << 10)
        let began = AsyncStream.makeStream(of: Void.self)
        let reading = Task {
            try await transport.read(path, from: 0, count: 6 << 20) { _ in began.continuation.yield() }
        }
        for await _ in began.stream { break }
        let waiting = Task { try await transport.status(of: path) }
        let withdrawn = Task { try await transport.status(of: path) }
        withdrawn.cancel()
        await #expect(throws: CancellationError.self) { try await withdrawn.value }
        let start = ContinuousClock.now
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(try await waiting.value?.size == 6 << 20)
        await transport.close()
    }

    @Test("a task that is cancelled while the peer is silent returns at once")
    func cancelledInSilence() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a.pt")
        let transport = try server.transport(timeouts: Self.patient)
        _ = try await transport.status(of: path)
        server.server.signalSessions(SIGSTOP)
        let looking = Task { try await transport.status(of: path) }
        // Long enough for the question to be out; the test holds as well if it is not.
        try await Task.sleep(for: .milliseconds(100))
        let start = ContinuousClock.now
        looking.cancel()
        await #expect(throws: CancellationError.self) { try await looking.value }
        #expect(start.duration(to: .now) < .seconds(20))
        server.server.signalSessions(SIGKILL)
        await transport.close()
    }

    @Test("closing ends a running transfer, and nothing works afterwards")
    func closing() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 1, count: 6 << 20), to: "a.pt")
        let transport = try server.transport(bytesPerSecond: 1 << 20)
        let began = AsyncStream.makeStream(of: Void.self)
        let broken = Task {
            try await transport.read(path, from: 0, count: 6 << 20) { _ in began.continuation.yield() }
        }
        for await _ in began.stream { break }
        await transport.close()
        await #expect(throws: CollectorError.self) { try await broken.value }
        await #expect(throws: CollectorError.self) { try await transport.status(of: path) }
    }
}
