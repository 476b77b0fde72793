import Subprocess
import Synchronization

/// One ssh process with a shell at its far end: requests go in as they come, answers come back in their order.
///
/// Requests do not wait for each other's answers, so that many small ones cost one round trip together.
final class SSHShellConnection: Sendable {
    private struct State {
        var pending: [SSHShellRequest] = []
        var isConnected = false
        var failure: CollectorError?
        /// Set where the end is known before the process tells it.
        var verdict: CollectorError?
    }

    private let process: SSHProcess
    private let diagnosis: SSHDiagnosis
    private let subject: String
    private let timeouts: TransferTimeouts
    private let state = Mutex(State())
    private let watch: SilenceWatch
    private let requests: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(process: SSHProcess, diagnosis: SSHDiagnosis, subject: String, timeouts: TransferTimeouts) {
        self.process = process
        self.diagnosis = diagnosis
        self.subject = subject
        self.timeouts = timeouts
        watch = SilenceWatch(seconds: timeouts.silenceSeconds)
        (requests, continuation) = AsyncStream.makeStream()
    }

    /// Whether nothing more can be asked.
    var hasEnded: Bool { state.withLock { $0.failure != nil } }

    /// Sends a request; its answer, or its failure, comes to those who wait for it.
    func send(_ request: SSHShellRequest) {
        let failure = state.withLock { state -> CollectorError? in
            if let failure = state.failure { return failure }
            state.pending.append(request)
            watch.begin()
            // Under the lock, so that requests are written in the order of their answers.
            continuation.yield(request.bytes)
            return nil
        }
        if let failure { request.finish(.failure(failure)) }
    }

    /// No more requests: those under way are answered, then the process ends.
    func finish() { continuation.finish() }

    /// Runs the process to its end.
    func run() async {
        var failure: any Error
        do {
            let (_, end) = try await process.run { running in try await serve(running) }
            let isConnected = state.withLock { $0.isConnected }
            if end.status == 255 || end.status == nil || !isConnected {
                failure = diagnosis.error(end.errors, during: isConnected ? subject : nil)
            } else {
                failure = CollectorError.stream(subject, reason: "the shell there ended")
            }
            if !isConnected, let status = end.status, status != 255 {
                failure = CollectorError.connection(
                    host: diagnosis.host.host.name,
                    reason: "\(Self.noCommands) (exit status \(status)): \(Self.lastLine(end.errors))"
                )
            }
        } catch { failure = error }
        end(with: failure)
    }

    private func end(with error: any Error) {
        let (pending, failure) = state.withLock { state in
            let own = error as? CollectorError ?? .stream(subject, reason: "it was closed")
            let failure = state.verdict ?? own
            state.failure = failure
            defer { state.pending = [] }
            return (state.pending, failure)
        }
        continuation.finish()
        for request in pending { request.finish(.failure(failure)) }
    }

    private func serve(_ running: SSHProcess.Running) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [requests] in
                for await bytes in requests {
                    // Fewer than all means that the process has ended; the reader sees that too.
                    guard try await running.input.write(bytes) == bytes.count else { break }
                    self.watch.touch()
                }
                try? await running.input.finish()
            }
            group.addTask { await self.guardConnecting(running) }
            group.addTask {
                await self.watch.run {
                    self.fail(.timeout(self.subject, seconds: self.timeouts.silenceSeconds), running)
                }
            }
            do {
                try await read(running)
            } catch {
                running.kill()
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    /// Ends a connection that does not stand in time; ssh's own limit ends only parts of the way.
    private func guardConnecting(_ running: SSHProcess.Running) async {
        do { try await Task.sleep(for: .seconds(max(0.01, min(timeouts.connectSeconds, 1e9)))) } catch {
            return
        }
        guard !state.withLock({ $0.isConnected }) else { return }
        fail(.connectTimeout(host: diagnosis.host.host.name, seconds: timeouts.connectSeconds), running)
    }

    private func fail(_ error: CollectorError, _ running: SSHProcess.Running) {
        state.withLock { if $0.verdict == nil { $0.verdict = error } }
        running.kill()
    }

    private func read(_ running: SSHProcess.Running) async throws {
        var parser: SSHAnswerParser?
        for try await buffer in running.output {
            watch.touch()
            var bytes = buffer.withUnsafeBytes { Array($0) }
            while !bytes.isEmpty {
                guard let request = state.withLock({ $0.pending.first }) else {
                    throw CollectorError.protocolViolation(
                        subject,
                        reason: "an answer came that nobody asked for"
                    )
                }
                var current = parser ?? SSHAnswerParser(token: request.token, limit: request.limit)
                guard let (answer, rest) = try current.feed(bytes) else {
                    parser = current
                    break
                }
                parser = nil
                bytes = rest
                state.withLock { state in
                    state.pending.removeFirst()
                    state.isConnected = true
                }
                watch.end()
                request.finish(.success(answer))
            }
        }
    }

    /// How the reason begins where the connection stood and the account has no shell.
    static let noCommands = "it runs no commands"

    private static func lastLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).last.map { RemoteText.readable($0) } ?? "it gives no reason"
    }
}
