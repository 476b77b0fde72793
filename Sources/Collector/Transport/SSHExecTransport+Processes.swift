import Files
import Subprocess

extension SSHExecTransport {
    /// Runs a function in an ssh process of its own, of whose output little is to be kept.
    ///
    /// - Parameters:
    ///   - words: the function and its arguments.
    ///   - path: what it is about.
    ///   - operation: the verb for messages.
    ///   - take: gets the output as it comes.
    /// - Returns: the standard error.
    /// - Throws: ``CollectorError``, `CancellationError`, and what `take` throws.
    func runAlone(
        _ words: [String],
        on path: RelativePath,
        _ operation: String,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> String {
        let token = SSHShellRequest.makeToken()
        let script = SSHRemoteScript.single(root: Self.remoteRoot(root), token: token, words: words)
        let watch = SilenceWatch(seconds: timeouts.silenceSeconds)
        watch.begin()
        return try await alone(on: path, operation, watch: watch) { running in
            _ = try await running.input.write(Array(script.utf8))
            try await running.input.finish()
            var marker = SSHOutputMarker(token: token)
            for try await buffer in running.output {
                watch.touch()
                let skipped = try marker.skip(buffer)
                guard skipped < buffer.count else { continue }
                try buffer.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[skipped...])) }
            }
            return marker.isPassed
        }
    }

    /// Runs a function in an ssh process of its own and hands on its output in large pieces.
    ///
    /// - Parameters:
    ///   - words: the function and its arguments.
    ///   - path: what it is about.
    ///   - limit: the most bytes that may come.
    ///   - sink: gets the output.
    /// - Returns: how many bytes came, and the standard error.
    /// - Throws: ``CollectorError``, `CancellationError`, and what the sink throws.
    func pumpAlone(
        _ words: [String],
        on path: RelativePath,
        limit: Int,
        into sink: ByteSink
    ) async throws -> (count: Int, errors: String) {
        let token = SSHShellRequest.makeToken()
        let script = SSHRemoteScript.single(root: Self.remoteRoot(root), token: token, words: words)
        let watch = SilenceWatch(seconds: timeouts.silenceSeconds)
        watch.begin()
        var total = 0
        let errors = try await alone(on: path, "read", watch: watch) { process in
            let pipe = try BulkPipe()
            return try await process.run(writingTo: pipe.writing) { input, kill in
                try await Self.guarding(watch, kill) {
                    _ = try await input.write(Array(script.utf8))
                    try await input.finish()
                    let pumped = try await pipe.pump(
                        behind: SSHOutputMarker(token: token),
                        limit: limit,
                        what: shown(path),
                        watch: watch,
                        pacer: pacer,
                        into: sink
                    )
                    total = pumped.count
                    return pumped.hasBegun
                }
            }
        }
        return (total, errors)
    }

    /// Ends a process when the watch fires while `body` talks with it.
    private static func guarding(
        _ watch: SilenceWatch,
        _ kill: @escaping @Sendable () -> Void,
        _ body: () async throws -> Bool
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run { kill() } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Runs an ssh process over the shared connection and judges its end.
    ///
    /// - Parameters:
    ///   - path: what it is about.
    ///   - operation: the verb for messages.
    ///   - watch: ends the process when it fires.
    ///   - body: talks with it and says whether the far side's script has begun.
    /// - Returns: the standard error.
    /// - Throws: ``CollectorError``, `CancellationError`, and what `body` throws.
    func alone(
        on path: RelativePath,
        _ operation: String,
        watch: SilenceWatch,
        _ body: (SSHProcess.Running) async throws -> Bool
    ) async throws -> String {
        try await alone(on: path, operation, watch: watch) { process in
            try await process.run { running in
                try await Self.guarding(watch, running.kill) { try await body(running) }
            }
        }
    }

    private func alone(
        on path: RelativePath,
        _ operation: String,
        watch: SilenceWatch,
        run: (SSHProcess) async throws -> (result: Bool, end: SSHProcess.End)
    ) async throws -> String {
        // The session is the master of the connection.
        _ = try await shell.connect()
        try await gate.enter()
        defer { gate.leave() }
        let process = SSHProcess(
            arguments: configuration.arguments(["-T"]) + [SSHRemoteScript.single],
            environment: configuration.environment
        )
        let outcome: (result: Bool, end: SSHProcess.End)
        do {
            outcome = try await run(process)
        } catch {
            try Task.checkCancellation()
            if watch.hasFired { throw CollectorError.timeout(shown(path), seconds: timeouts.silenceSeconds) }
            throw error
        }
        try Task.checkCancellation()
        if watch.hasFired { throw CollectorError.timeout(shown(path), seconds: timeouts.silenceSeconds) }
        let errors = outcome.end.errors
        guard let status = outcome.end.status, status != 255 else {
            let diagnosis = SSHDiagnosis(host: configuration.host, connectSeconds: timeouts.connectSeconds)
            throw diagnosis.error(errors, during: shown(path))
        }
        try check(Int(status), errors, path: shown(path), operation: operation)
        guard outcome.result else {
            throw CollectorError.protocolViolation(shown(path), reason: "its shell did not begin the command")
        }
        return errors
    }
}

/// Finds where a command's own output begins, behind what a noisy login printed.
struct SSHOutputMarker {
    private let mark: [UInt8]
    private var seen: [UInt8] = []
    /// Whether the output has begun.
    private(set) var isPassed = false

    init(token: String) { mark = Array("\(token)\n".utf8) }

    /// How many bytes of the next piece are not output.
    ///
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)`` where a login does not end its talk.
    mutating func skip(_ buffer: SubprocessOutputSequence.Buffer) throws(CollectorError) -> Int {
        guard !isPassed else { return 0 }
        return try skip(buffer.withUnsafeBytes { Array($0) })
    }

    /// The same for bytes in memory.
    mutating func skip(_ bytes: [UInt8]) throws(CollectorError) -> Int {
        guard !isPassed else { return 0 }
        let before = seen.count
        seen += bytes
        var start = max(0, before - mark.count)
        while start + mark.count <= seen.count {
            if seen[start..<start + mark.count].elementsEqual(mark) {
                isPassed = true
                seen = []
                return start + mark.count - before
            }
            start += 1
        }
        guard seen.count <= 1 << 20 else {
            throw .protocolViolation("a command over ssh", reason: "the login there does not stop talking")
        }
        return bytes.count
    }
}
