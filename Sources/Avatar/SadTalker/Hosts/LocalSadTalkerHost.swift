import Files
public import Foundation

/// This machine.
public struct LocalSadTalkerHost: SadTalkerHost {
    /// Where the folders of the clips go.
    public var temporaryFolder: String
    /// The environment of this process.
    public var environment: [String: String]
    var wait = Deadline.sleep

    /// What is handed on to Python: what finds programs and graphics cards, and nothing that is secret.
    private static let inherited = [
        "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME",
        "CUDA_VISIBLE_DEVICES",
        "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "PYENV_VERSION", "PYTHONPATH", "TORCH_HOME",
        "XDG_CACHE_HOME",
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD",
    ]

    /// Ends what a crashed Python leaves running: its workers hold our pipes open, and we would wait for them.
    private static let wrapper = #""$@" & wait $!; status=$?; trap '' TERM; kill -s TERM 0; exit "$status""#

    /// - Parameters:
    ///   - temporaryFolder: where the folders of the clips go; `TMPDIR` or `/tmp` unless given.
    ///   - environment: the environment of this process.
    public init(
        temporaryFolder: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let given = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        self.temporaryFolder = temporaryFolder ?? given ?? "/tmp"
        self.environment = environment
    }

    /// The machine in messages.
    public var name: String { "this machine" }

    /// Makes a folder that nobody else can read.
    ///
    /// - Returns: its absolute path.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func makeFolder() async throws -> String { try WorkFolder.make(in: temporaryFolder) }

    /// Copies a file into such a folder.
    ///
    /// - Parameters:
    ///   - localPath: a file of this machine.
    ///   - path: where to.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func put(_ localPath: String, as path: String) async throws {
        do { try FileMove.copy(localPath, to: path) } catch { throw AvatarError.sadTalkerFile(error) }
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
        guard FileIdentity.find(command.folder)?.kind == .directory else {
            throw AvatarError.sadTalkerMissing(host: name, what: .checkout, path: command.folder)
        }
        guard let python = ProgramRun.find(command.python, in: environment["PATH"]) else {
            throw AvatarError.sadTalkerMissing(host: name, what: .python, path: command.python)
        }
        var variables = environment.filter { Self.inherited.contains($0.key) }
        variables.merge(SadTalkerCommand.environment) { _, new in new }
        let program = ProgramRun(
            executable: "/bin/sh",
            arguments: ["-c", Self.wrapper, "sh", python] + command.arguments,
            environment: variables,
            folder: command.folder,
            endsGroup: true,
            timeoutSeconds: timeoutSeconds,
            wait: wait
        )
        do {
            return try await program.run(errors: { output($0, .errors) }, take: { output($0, .output) })
                .asShellTold
        } catch let failure as ProgramRun.Failure {
            throw AvatarError.sadTalkerHost(
                host: name,
                reason: "\(VisibleText.line(python)) cannot be run: \(failure.reason)",
                remedy: "set VOXSITE_SADTALKER_PYTHON to SadTalker's Python"
            )
        }
    }

    /// The videos in a folder and in the folders directly in it.
    ///
    /// - Parameter folder: its path.
    /// - Returns: all `.mp4` files; links are none.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func videos(in folder: String) async throws -> [HostFile] {
        do {
            return try DirectoryTree.walk(folder) { !$0.string.contains("/") }.compactMap { entry in
                let path = entry.path.string
                guard entry.kind == .file, path.hasSuffix(".mp4") else { return nil }
                return HostFile(
                    path: "\(folder)/\(path)",
                    byteCount: entry.identity.size,
                    modifiedNanoseconds: entry.identity.modifiedNanoseconds
                )
            }
        } catch { throw AvatarError.sadTalkerFile(error) }
    }

    /// Brings a file to another place of this machine.
    ///
    /// - Parameters:
    ///   - file: one of ``videos(in:)``.
    ///   - localPath: where to; nothing is there yet.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func fetch(_ file: HostFile, to localPath: String) async throws {
        do { try FileMove.move(file.path, to: localPath) } catch { throw AvatarError.sadTalkerFile(error) }
    }

    /// Removes a folder that ``makeFolder()`` made, with all it contains; others are left alone.
    ///
    /// - Parameter folder: its path.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func removeFolder(_ folder: String) async throws {
        guard WorkFolder.isOne(folder) else { return }
        do { try FileSystem.removeTree(folder) } catch { throw AvatarError.sadTalkerFile(error) }
    }
}
