/// A machine with SadTalker: this one, or one that is reached over ssh.
///
/// All paths but those called local are paths there. Any number of clips may use one at a time.
public protocol SadTalkerHost: Sendable {
    /// The machine in messages.
    var name: String { get }

    /// Makes a folder that nobody else can read.
    ///
    /// - Returns: its absolute path.
    /// - Throws: ``AvatarError``.
    func makeFolder() async throws -> String

    /// Copies a file of this machine there.
    ///
    /// - Parameters:
    ///   - localPath: a file of this machine.
    ///   - path: in a folder that ``makeFolder()`` made.
    /// - Throws: ``AvatarError``, `CancellationError`.
    func put(_ localPath: String, as path: String) async throws

    /// Runs a program to its end, or to the end of its time; all that it started ends with it.
    ///
    /// - Parameters:
    ///   - command: what to run.
    ///   - timeoutSeconds: how long it may take.
    ///   - output: gets its output as it comes, from any thread.
    /// - Returns: how it ended; a bad end is no error here.
    /// - Throws: ``AvatarError`` where it cannot be started, `CancellationError`.
    func run(
        _ command: SadTalkerCommand,
        timeoutSeconds: Double,
        output: @escaping @Sendable ([UInt8], HostStream) -> Void
    ) async throws -> ProgramEnd

    /// The videos in a folder and in the folders directly in it.
    ///
    /// - Parameter folder: in a folder that ``makeFolder()`` made.
    /// - Returns: all `.mp4` files, in no order.
    /// - Throws: ``AvatarError``, `CancellationError`.
    func videos(in folder: String) async throws -> [HostFile]

    /// Brings a file here; it need not be there any more afterwards.
    ///
    /// - Parameters:
    ///   - file: one of ``videos(in:)``.
    ///   - localPath: where to; nothing is there yet.
    /// - Throws: ``AvatarError``, `CancellationError`.
    func fetch(_ file: HostFile, to localPath: String) async throws

    /// Removes a folder that ``makeFolder()`` made, with all it contains.
    ///
    /// - Parameter folder: its path.
    /// - Throws: ``AvatarError``.
    func removeFolder(_ folder: String) async throws
}

/// Where a program's words come from.
public enum HostStream: Sendable, Hashable {
    case output, errors
}

/// A file on a host.
public struct HostFile: Sendable, Hashable {
    /// Its absolute path there.
    public var path: String
    /// Its length in bytes.
    public var byteCount: Int
    /// When it was last changed, in nanoseconds since 1970.
    public var modifiedNanoseconds: Int64

    /// - Parameters:
    ///   - path: its absolute path there.
    ///   - byteCount: its length.
    ///   - modifiedNanoseconds: when it was last changed.
    public init(path: String, byteCount: Int, modifiedNanoseconds: Int64) {
        self.path = path
        self.byteCount = byteCount
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}
