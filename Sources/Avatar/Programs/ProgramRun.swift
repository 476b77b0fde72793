import Files
import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// One run of a program, in a process group of its own that ends with the call, whatever happens.
struct ProgramRun: Sendable {
    /// An absolute path.
    var executable: String
    var arguments: [String]
    var environment: [String: String]
    /// Where it runs; nil for our own folder.
    var folder: String?
    /// What it is given to read: these bytes, then a file.
    var input: [UInt8] = []
    var inputFile: String?
    /// Whether it sees the end of its input only when all is over.
    var keepsInputOpen = false
    /// Whether what it has started, and left behind, is killed after its end; it must be the one that does the work.
    var endsGroup = false
    /// How long it may take.
    var timeoutSeconds: Double
    /// Waits that many seconds; tests know when the time is up.
    var wait: @Sendable (Double) async throws -> Void = Deadline.sleep

    private static let pieceLimit = 256 << 10

    /// Runs it to its end, or to the end of its time.
    ///
    /// - Parameters:
    ///   - observe: gets its standard error as it comes.
    ///   - take: gets its standard output as it comes; throwing ends it.
    /// - Returns: how it ended.
    /// - Throws: what `take` throws, ``Failure``, `CancellationError`.
    func run(
        errors observe: @escaping @Sendable ([UInt8]) -> Void = { _ in },
        take: ([UInt8]) throws -> Void
    ) async throws -> ProgramEnd {
        BrokenPipes.areErrors
        let hasTimedOut = Mutex(false)
        do {
            let end = try await start(observe, take, hasTimedOut)
            try Task.checkCancellation()
            return hasTimedOut.withLock { $0 }
                ? ProgramEnd(status: .timedOut, output: end.output, errors: end.errors) : end
        } catch {
            try Task.checkCancellation()
            if hasTimedOut.withLock({ $0 }) { return ProgramEnd(status: .timedOut) }
            guard let error = error as? SubprocessError else { throw error }
            throw Failure(reason: VisibleText.line("\(error)"))
        }
    }

    /// Why it could not be started.
    struct Failure: Error { var reason: String }

    private func start(
        _ observe: @escaping @Sendable ([UInt8]) -> Void,
        _ take: ([UInt8]) throws -> Void,
        _ hasTimedOut: borrowing Mutex<Bool>
    ) async throws -> ProgramEnd {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let outcome = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            workingDirectory: folder.map { FilePath($0) },
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            let errorStream = execution.standardError
            async let errors = OutputTail.read(errorStream, observe)
            let deadline = Deadline(seconds: timeoutSeconds, wait: wait) {
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
            async let watch: Void = deadline.run()
            var tail = OutputTail()
            do {
                // A program that ends before it has read everything says why in its own way.
                try? await write(to: execution.standardInputWriter)
                if !keepsInputOpen { try? await execution.standardInputWriter.finish() }
                for try await buffer in execution.standardOutput {
                    let piece = buffer.withUnsafeBytes { Array($0) }
                    tail.append(piece)
                    try take(piece)
                }
            } catch {
                try? execution.send(signal: .kill, toProcessGroup: true)
                hasTimedOut.withLock { $0 = deadline.hasPassed }
                throw error
            }
            let text = await errors
            // Nothing more can come of what it started: nobody waits for that.
            if endsGroup { try? execution.send(signal: .kill, toProcessGroup: true) }
            try? await execution.standardInputWriter.finish()
            deadline.end()
            await watch
            hasTimedOut.withLock { $0 = deadline.hasPassed }
            return (tail.text, text)
        }
        let (output, text) = outcome.closureResult
        let status: ProgramEnd.Status =
            switch outcome.terminationStatus {
            case .exited(let code): .exited(Int32(code))
            case .signaled(let signal): .signaled(Int32(signal))
            }
        return ProgramEnd(status: status, output: output, errors: text)
    }

    private func write(to writer: StandardInputWriter) async throws {
        if !input.isEmpty { _ = try await writer.write(input) }
        guard let inputFile else { return }
        let handle = try FileHandle(forReadingFrom: URL(filePath: inputFile))
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: Self.pieceLimit), !piece.isEmpty {
            _ = try await writer.write(Array(piece))
        }
    }

    /// The program of a name in a search path; nil where there is none.
    static func find(_ name: String, in searchPath: String?) -> String? {
        if name.hasPrefix("/") { return isProgram(name) ? name : nil }
        guard !name.contains("/") else { return nil }
        for folder in (searchPath ?? "").split(separator: ":") where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if isProgram(path) { return path }
        }
        return nil
    }

    private static func isProgram(_ path: String) -> Bool {
        FileIdentity.find(path)?.kind == .file && access(path, X_OK) == 0
    }
}
