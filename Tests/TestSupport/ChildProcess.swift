import CLinux
import Foundation
import Synchronization

/// A program started by a test, with its two outputs as lines, killed when the last reference goes.
///
/// Every wait has a deadline, so a hanging child fails its test instead of hanging it.
public final class ChildProcess: Sendable {
    /// The number the system knows it by.
    public let identifier: Int32

    private let process: Mutex<Process>
    private let output: LineCollector
    private let errorOutput: LineCollector
    private let termination: AsyncStream<Int32>

    /// Starts `executable`.
    ///
    /// - Parameters:
    ///   - executable: its path, from ``Products/executable(_:)`` for one of ours.
    ///   - arguments: without the program's name.
    ///   - directory: its working directory.
    ///   - environment: added to the test's own.
    ///   - keepsInputOpen: whether its standard input is a pipe that nothing comes through and nobody closes, rather
    ///     than empty.
    /// - Throws: what the system says.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        directory: String? = nil,
        environment: [String: String] = [:],
        keepsInputOpen: Bool = false
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (outputPipe, errorPipe) = (try PrivatePipe(), try PrivatePipe())
        // The process keeps the pipe, and so its other end, as long as it lives.
        process.standardInput = keepsInputOpen ? Pipe() : FileHandle.nullDevice
        process.standardOutput = outputPipe.writing
        process.standardError = errorPipe.writing
        output = LineCollector(reading: outputPipe.reading)
        errorOutput = LineCollector(reading: errorPipe.reading)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        termination = stream
        process.terminationHandler = { ended in
            let signal = ended.terminationReason == .uncaughtSignal
            continuation.yield(signal ? -ended.terminationStatus : ended.terminationStatus)
            continuation.finish()
        }
        // A child inherits the signal mask of the thread that starts it, and the threads that run tests block
        // nearly all signals: without this, SIGINT and SIGTERM would never reach it.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        // The pipes end when the child and its children have closed theirs.
        try? outputPipe.writing.close()
        try? errorPipe.writing.close()
        identifier = process.processIdentifier
        self.process = Mutex(process)
    }

    deinit {
        let isRunning = process.withLock { $0.isRunning }
        if isRunning { kill(identifier, SIGKILL) }
    }

    /// Everything written to the standard output so far, in lines.
    public var outputLines: [String] { output.lines }

    /// Everything written to the standard error so far, in lines.
    public var errorLines: [String] { errorOutput.lines }

    /// Sends a signal, unless the child has ended.
    ///
    /// - Parameter number: `SIGINT`, `SIGTERM`, `SIGKILL`, …
    public func signal(_ number: Int32) {
        process.withLock { if $0.isRunning { kill($0.processIdentifier, number) } }
    }

    /// Waits for a line on the standard error; lines that came earlier count too.
    ///
    /// - Parameters:
    ///   - text: what the line contains.
    ///   - seconds: how long to wait.
    /// - Returns: the first such line.
    /// - Throws: ``ChildProcessError`` where none came in time or the output ended.
    public func waitForError(containing text: String, seconds: Double = 30) async throws -> String {
        try await errorOutput.first(containing: text, seconds: seconds)
    }

    /// Waits for a line on the standard output; lines that came earlier count too.
    ///
    /// - Parameters:
    ///   - text: what the line contains.
    ///   - seconds: how long to wait.
    /// - Returns: the first such line.
    /// - Throws: ``ChildProcessError`` where none came in time or the output ended.
    public func waitForOutput(containing text: String, seconds: Double = 30) async throws -> String {
        try await output.first(containing: text, seconds: seconds)
    }

    /// Waits for the child's end, and reads all that it wrote; to be called once.
    ///
    /// - Parameter seconds: how long to wait.
    /// - Returns: the exit status; the negative signal number where a signal ended it.
    /// - Throws: ``ChildProcessError/stillRunning(seconds:)`` after the deadline.
    public func waitForExit(seconds: Double = 30) async throws -> Int32 {
        let status = await withDeadline(seconds: seconds) { [termination] in
            for await status in termination { return status }
            return nil
        }
        guard let status else { throw ChildProcessError.stillRunning(seconds: seconds) }
        output.readAvailable()
        errorOutput.readAvailable()
        return status
    }
}

/// A pipe that no other child inherits.
private struct PrivatePipe {
    let reading: Int32
    let writing: FileHandle

    init() throws {
        var (readingEnd, writingEnd): (Int32, Int32) = (-1, -1)
        let code = linux_pipe(&readingEnd, &writingEnd, 65_536)
        guard code == 0 else { throw POSIXError(.init(rawValue: -code) ?? .EMFILE) }
        reading = readingEnd
        writing = FileHandle(fileDescriptor: writingEnd, closeOnDealloc: true)
    }
}

/// What a test waited for in vain.
public enum ChildProcessError: Error, Sendable, Equatable {
    /// No line contains the text; all lines that came.
    case noSuchLine(String, lines: [String])
    /// The child has not ended.
    case stillRunning(seconds: Double)
}
