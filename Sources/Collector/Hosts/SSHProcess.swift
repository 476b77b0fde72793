import Files
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One run of ssh, in a process group of its own that ends with the call, whatever happens.
struct SSHProcess {
    /// `ssh`, or a program that starts it.
    var executable = "ssh"
    let arguments: [String]
    let environment: [String: String]

    /// How a run ended.
    struct End: Sendable {
        /// ssh's own failures are 255, all else is the remote command's; nil where a signal ended it.
        let status: Int32?
        /// The end of what came on the standard error.
        let errors: String
    }

    /// The process while it runs.
    struct Running: Sendable {
        /// Its standard input.
        let input: StandardInputWriter
        /// Its standard output, to be read to the end.
        let output: SubprocessOutputSequence
        /// Ends it at once, with all processes it started.
        let kill: @Sendable () -> Void
    }

    /// Runs it.
    ///
    /// - Parameter body: talks with it; throwing ends it.
    /// - Returns: what `body` returned, and how it ended.
    /// - Throws: what `body` throws; ``CollectorError/connection(host:reason:)`` where ssh cannot be started.
    func run<Result: Sendable>(
        _ body: (Running) async throws -> Result
    ) async throws -> (result: Result, end: End) {
        try await start(output: .sequence) { execution in
            try await body(
                Running(
                    input: execution.standardInputWriter,
                    output: execution.standardOutput,
                    kill: { try? execution.send(signal: .kill, toProcessGroup: true) }
                )
            )
        }
    }

    /// Runs it with its output in a pipe.
    ///
    /// - Parameters:
    ///   - output: where it writes; that end is closed here once it runs.
    ///   - body: writes its input and reads the pipe; it gets what ends the process at once.
    /// - Returns: what `body` returned, and how it ended.
    /// - Throws: what `body` throws; ``CollectorError/connection(host:reason:)`` where ssh cannot be started.
    func run<Result: Sendable>(
        writingTo output: FileDescriptor,
        _ body: (_ input: StandardInputWriter, _ kill: @escaping @Sendable () -> Void) async throws -> Result
    ) async throws -> (result: Result, end: End) {
        try await start(output: .fileDescriptor(output, closeAfterSpawningProcess: true)) { execution in
            try await body(execution.standardInputWriter) {
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
        }
    }

    private func start<Output: OutputProtocol, Result: Sendable>(
        output: Output,
        _ body: (Execution<CustomWriteInput, Output, SequenceOutput>) async throws -> Result
    ) async throws -> (result: Result, end: End) {
        Self.ignoreBrokenPipes
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        do {
            let outcome = try await Subprocess.run(
                Self.find(executable, in: environment["PATH"]),
                arguments: Arguments(arguments),
                environment: .custom(variables),
                platformOptions: options,
                input: .inputWriter,
                output: output,
                error: .sequence
            ) { execution in
                let errorStream = execution.standardError
                async let errors = Self.tail(of: errorStream)
                let result = try await body(execution)
                try? await execution.standardInputWriter.finish()
                return (result, await errors)
            }
            let status: Int32? =
                switch outcome.terminationStatus {
                case .exited(let code): code
                default: nil
                }
            return (outcome.closureResult.0, End(status: status, errors: outcome.closureResult.1))
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw CollectorError.connection(
                host: executable,
                reason: error.code == .executableNotFound
                    ? "it is not installed; run: apt install openssh-client" : RemoteText.readable("\(error)")
            )
        }
    }

    /// The program itself: Subprocess would start a process for every folder of the search path to find it.
    private static func find(_ name: String, in searchPath: String?) -> Executable {
        guard !name.contains("/") else { return .path(FilePath(name)) }
        for folder in (searchPath ?? "").split(separator: ":") where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if FileIdentity.find(path)?.kind == .file, access(path, X_OK) == 0 {
                return .path(FilePath(path))
            }
        }
        return .name(name)
    }

    /// The last 16 KiB of a stream: the sentence that matters is the last one.
    private static func tail(of stream: SubprocessOutputSequence) async -> String {
        let limit = 16_384
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
            }
        } catch {
            // What came before is all there is to tell.
        }
        return String(decoding: bytes.suffix(limit), as: UTF8.self)
    }

    /// A peer that goes away while we write must be an error, not our end.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
