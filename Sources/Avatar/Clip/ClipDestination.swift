import Files
import Glibc

/// Where somebody wants a copy of a clip, beside the run that keeps it.
public struct ClipDestination: Sendable, Hashable {
    /// The file.
    public let path: String

    /// Looks whether a file can be put there, before anything is made.
    ///
    /// - Parameter path: the file; one that is there is replaced in the end, unless it is read-only.
    /// - Throws: ``AvatarError/clipRefused(reason:)``.
    public init(_ path: String) throws(AvatarError) {
        self.path = path
        let folder = FileSystem.folder(of: path)
        func refusal(_ reason: String) -> AvatarError {
            .clipRefused(reason: "\(VisibleText.line(path)): \(reason)")
        }
        guard FileIdentity.find(folder)?.kind == .directory else {
            throw refusal("there is no folder \(VisibleText.line(folder)); create it first")
        }
        guard access(folder, W_OK) == 0 else {
            throw refusal("nothing can be written in \(VisibleText.line(folder)); choose another folder")
        }
        guard let found = FileIdentity.find(path) else { return }
        guard found.kind != .directory else {
            throw refusal("it is a folder; give the name of a file in it")
        }
        guard found.kind != .other else {
            throw refusal(
                "it is a pipe, a socket or a device, and would be replaced; give the name of a file"
            )
        }
        guard found.kind != .file || access(path, W_OK) == 0 else {
            throw refusal("it is there and read-only; choose another name, or chmod u+w it")
        }
    }

    /// Puts a copy of a file there.
    ///
    /// - Parameter source: the file that stays.
    /// - Throws: ``AvatarError/notCopied(_:kept:)``; what was there is then as it was.
    public func receive(_ source: String) throws(AvatarError) {
        do { try FileMove.copy(source, to: path) } catch { throw .notCopied(error, kept: source) }
    }
}
