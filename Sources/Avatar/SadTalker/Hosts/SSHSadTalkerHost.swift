import Files
public import Foundation
import Synchronization

/// A host that is reached by the system's `ssh`.
public struct SSHSadTalkerHost: SadTalkerHost {
    /// How ssh reaches it.
    public var destination: SSHDestination
    /// How long a file, or an answer, may take.
    public var transferTimeoutSeconds = 120.0
    /// The environment of this process.
    public var environment: [String: String]
    /// What must not go before this host does, such as the owner of the files that ``destination`` names.
    private let keptAlive: (any Sendable)?
    var wait = Deadline.sleep

    private static let answerLimit = 1 << 20
    private static let inherited = ["PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK"]

    /// - Parameters:
    ///   - destination: how ssh reaches it.
    ///   - keptAlive: what must not go before this host does, such as the owner of files that `destination` names.
    ///   - environment: the environment of this process.
    public init(
        destination: SSHDestination,
        keeping keptAlive: (any Sendable)? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.destination = destination
        self.keptAlive = keptAlive
        self.environment = environment
    }

    /// The machine in messages.
    public var name: String { VisibleText.line(destination.name, limit: 80) }

    /// Makes a folder that nobody else can read.
    ///
    /// - Returns: its absolute path.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func makeFolder() async throws -> String {
        let answer = try await ask(SSHRemoteCommand.makeFolder)
        let folder = answer.split(separator: "\n").first.map(String.init) ?? ""
        guard WorkFolder.isOne(folder) else {
            throw failure(
                "its temporary folder \(VisibleText.quoted(folder)) cannot be used",
                remedy: "set TMPDIR there"
            )
        }
        return folder
    }

    /// Copies a file into such a folder.
    ///
    /// - Parameters:
    ///   - localPath: a file of this machine.
    ///   - path: where to.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func put(_ localPath: String, as path: String) async throws {
        try SadTalkerConfiguration.check(path: path, key: "file")
        var program = try program(SSHRemoteCommand.receive, timeoutSeconds: transferTimeoutSeconds)
        program.input = Array("\(path)\n".utf8)
        program.inputFile = localPath
        let end = try await start(program) { _ in }
        try expectSuccess(end, "send it a file")
    }

    /// Runs a program to its end, or to the end of its time; all that it started ends with it.
    ///
    /// - Parameters:
    ///   - command: what to run.
    ///   - timeoutSeconds: how long it may take.
    ///   - output: gets its output as it comes, from any thread.
    /// - Returns: how it ended.
    /// - Throws: ``AvatarError`` where it cannot be started, `CancellationError`.
    public func run(
        _ command: SadTalkerCommand,
        timeoutSeconds: Double,
        output: @escaping @Sendable ([UInt8], HostStream) -> Void
    ) async throws -> ProgramEnd {
        let end = try await run(
            SSHRemoteCommand.run(command, timeoutSeconds: timeoutSeconds),
            timeoutSeconds: timeoutSeconds,
            errors: { output($0, .errors) },
            take: { output($0, .output) }
        )
        switch end.status {
        case .exited(255): throw failure(lastLine(end))
        case .exited(SSHRemoteCommand.noFolder):
            throw AvatarError.sadTalkerMissing(host: name, what: .checkout, path: command.folder)
        case .exited(SSHRemoteCommand.noProgram):
            throw AvatarError.sadTalkerMissing(host: name, what: .python, path: command.python)
        default: return end.asShellTold
        }
    }

    /// The videos in a folder and in the folders directly in it.
    ///
    /// - Parameter folder: its path.
    /// - Returns: all `.mp4` files; links are none.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func videos(in folder: String) async throws -> [HostFile] {
        try await ask(SSHRemoteCommand.list(folder)).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let size = Int(words[1]), size >= 0, let time = Self.nanoseconds(words[0])
            else { return nil }
            let path = "\(folder)/\(words[2])"
            guard (try? SadTalkerConfiguration.check(path: path, key: "")) != nil else { return nil }
            return HostFile(path: path, byteCount: size, modifiedNanoseconds: time)
        }
    }

    /// Brings a file to another place of this machine.
    ///
    /// - Parameters:
    ///   - file: one of ``videos(in:)``.
    ///   - localPath: where to; nothing is there yet.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func fetch(_ file: HostFile, to localPath: String) async throws {
        let handle = try create(localPath)
        defer { try? handle.close() }
        var count = 0
        let end = try await run(
            SSHRemoteCommand.send(file.path),
            timeoutSeconds: transferTimeoutSeconds
        ) { piece in
            count += piece.count
            guard count <= file.byteCount else { throw failure("the video became longer while it was read") }
            do { try handle.write(contentsOf: piece) } catch {
                throw AvatarError.sadTalkerFile(.system(operation: "write", path: localPath, code: errno))
            }
        }
        try expectSuccess(end, "fetch the video")
        guard count == file.byteCount else {
            throw failure("only \(count) of the video's \(file.byteCount) bytes came")
        }
    }

    /// Removes a folder that ``makeFolder()`` made, with all it contains; others are left alone.
    ///
    /// - Parameter folder: its path.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func removeFolder(_ folder: String) async throws {
        guard WorkFolder.isOne(folder) else { return }
        _ = try await ask(SSHRemoteCommand.remove(folder))
    }

    private func create(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw AvatarError.sadTalkerFile(.system(operation: "create", path: path, code: errno))
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// What a script says.
    private func ask(_ script: String) async throws -> String {
        var answer: [UInt8] = []
        let end = try await run(script, timeoutSeconds: transferTimeoutSeconds) { piece in
            answer += piece
            guard answer.count <= Self.answerLimit else { throw failure("its answer is too long") }
        }
        try expectSuccess(end, "get an answer")
        return String(decoding: answer, as: UTF8.self)
    }

    private func run(
        _ script: String,
        timeoutSeconds: Double,
        errors: @escaping @Sendable ([UInt8]) -> Void = { _ in },
        take: ([UInt8]) throws -> Void
    ) async throws -> ProgramEnd {
        let mark = "voxsite-\(UInt64.random(in: .min ... .max))"
        var program = try program(SSHRemoteCommand.shell, timeoutSeconds: timeoutSeconds)
        program.input = SSHRemoteCommand.input(script, mark: mark)
        program.keepsInputOpen = true
        var output = MarkedOutput(mark: mark)
        var end = try await start(program, errors: errors) { piece in
            let rest = output.take(piece)
            if !rest.isEmpty { try take(rest) }
        }
        if let range = end.output.range(of: "\n\(mark)\n") {
            end.output = String(end.output[range.upperBound...])
        }
        return end
    }

    private func program(_ command: String, timeoutSeconds: Double) throws -> ProgramRun {
        guard !destination.host.isEmpty, !destination.host.hasPrefix("-"), !destination.host.contains("\0")
        else {
            throw failure("\(VisibleText.quoted(destination.host)) is no host", remedy: "correct hosts.yaml")
        }
        guard let ssh = ProgramRun.find(destination.executable, in: environment["PATH"]) else {
            throw failure("there is no ssh here", remedy: "apt install openssh-client")
        }
        var variables = environment.filter { Self.inherited.contains($0.key) }
        variables["LC_ALL"] = "C"
        variables.merge(destination.environment) { _, new in new }
        return ProgramRun(
            executable: ssh,
            arguments: destination.arguments(command: command),
            environment: variables,
            timeoutSeconds: timeoutSeconds,
            wait: wait
        )
    }

    private func start(
        _ program: ProgramRun,
        errors: @escaping @Sendable ([UInt8]) -> Void = { _ in },
        take: ([UInt8]) throws -> Void
    ) async throws -> ProgramEnd {
        do { return try await program.run(errors: errors, take: take) } catch let failed as ProgramRun.Failure
        {
            throw failure("ssh cannot be run: \(failed.reason)", remedy: "apt install openssh-client")
        }
    }

    private func expectSuccess(_ end: ProgramEnd, _ purpose: String) throws {
        switch end.status {
        case .exited(0): return
        case .timedOut:
            throw AvatarError.timeout(what: "\(name): \(purpose)", seconds: transferTimeoutSeconds)
        default:
            throw failure("cannot \(purpose): \(lastLine(end))")
        }
    }

    /// What ssh said last, with people's name for the host.
    private func lastLine(_ end: ProgramEnd) -> String {
        VisibleText.lastLine(end.errors)?.replacing(destination.host, with: name) ?? "the connection ended"
    }

    private func failure(_ reason: String, remedy: String? = nil) -> AvatarError {
        .sadTalkerHost(
            host: name,
            reason: reason,
            remedy: remedy ?? "try: \(VisibleText.line(destination.trial, limit: 120))"
        )
    }

    /// `1764430000.123456789`; some say whole seconds only.
    private static func nanoseconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let seconds = Int64(first), abs(seconds) < 9_000_000_000 else {
            return nil
        }
        let digits = parts.count == 2 ? parts[1].prefix(9) : ""
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        let rest = Int64(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        return seconds * 1_000_000_000 + rest
    }
}
