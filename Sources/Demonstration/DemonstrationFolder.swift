import Files
import Glibc

/// A folder that only demonstrations write to, held by this process alone until the last reference goes.
///
/// A file in it says what made it. The demonstration writes over what it made before, so it must be sure that nothing there
/// is anybody else's: a folder with files and without that file is refused.
public final class DemonstrationFolder: Sendable {
    /// As the user gave it.
    public let path: String
    /// The file that says what made the folder; it is also what is locked.
    public static let markerName = ".voxsite-demo"

    private let marker: OpenFile

    /// Takes the folder, making it where it is missing.
    ///
    /// - Parameter path: a new or empty folder, or one of an earlier demonstration.
    /// - Throws: ``DemonstrationError/folder(path:reason:)`` where it is somebody else's or another demonstration runs in
    ///   it; ``DemonstrationError/file(path:reason:)``.
    public init(_ path: String) throws(DemonstrationError) {
        let markerPath = "\(path)/\(Self.markerName)"
        do throws(FilesError) {
            if FileIdentity.find(path) == nil { try FileSystem.createDirectories(path) }
            let names = try DirectoryTree.names(in: path).map(\.name)
            guard names.isEmpty || names.contains(Self.markerName) else {
                throw .unsafePath(path, reason: "")
            }
            marker = try OpenFile(markerPath, flags: O_RDWR | O_CREAT | O_NOFOLLOW, operation: "lock")
        } catch {
            if case .unsafePath = error { throw .folder(path: path, reason: Self.isForeign) }
            throw .file(path: error.path, reason: error.explanation)
        }
        // Some network file systems lock nothing; there one demonstration at a time is up to the user.
        guard marker.tryLock() || errno != EWOULDBLOCK else {
            throw .folder(path: path, reason: Self.isHeld(by: Self.owner(in: markerPath)))
        }
        self.path = path
        do throws(FilesError) {
            try marker.write(Array(Self.text(owner: getpid()).utf8))
        } catch {
            throw .file(path: markerPath, reason: error.explanation)
        }
    }

    /// Removes the checkpoints that the demonstration before made in a folder: a training run would set them aside, and
    /// every start would add to them.
    ///
    /// - Parameter folder: of the checkpoints of a stage, in this folder.
    /// - Throws: ``DemonstrationError/folder(path:reason:)`` where somebody trains into it by hand;
    ///   ``DemonstrationError/file(path:reason:)``.
    public func removeCheckpoints(in folder: String) throws(DemonstrationError) {
        do throws(FilesError) {
            // A link is not followed: what it leads to was not made here.
            guard FileIdentity.find(folder, followingSymbolicLinks: false)?.kind == .directory else {
                return try FileSystem.removeTree(folder)
            }
            let lock = try OpenFile(
                "\(folder)/\(Self.trainingLockName)",
                flags: O_RDWR | O_CREAT | O_NOFOLLOW,
                operation: "lock"
            )
            guard lock.tryLock() || errno != EWOULDBLOCK else {
                throw .unsafePath(folder, reason: "")
            }
            for name in try DirectoryTree.names(in: folder) where name.name != Self.trainingLockName {
                try FileSystem.removeTree("\(folder)/\(name.name)")
            }
        } catch {
            if case .unsafePath = error { throw .folder(path: folder, reason: Self.isTrainedInto) }
            throw .file(path: error.path, reason: error.explanation)
        }
    }

    /// What `voxsite train` locks in a folder of checkpoints.
    ///
    /// It stays where it is: another process may have opened it already.
    private static let trainingLockName = ".training.lock"

    private static let isTrainedInto =
        "another voxsite trains into this folder; wait for it or stop it, or choose another folder with --folder"

    private static let isForeign =
        "the folder is not empty and was not made by voxsite demo, which would write over files in it; choose a new or "
        + "empty one with --folder, or remove this one if an earlier version's demo made it"

    private static func isHeld(by owner: Int32?) -> String {
        let who = owner.map { $0 == getpid() ? "this process" : "process \($0)" } ?? "another process"
        return
            "\(who) runs a demo in this folder already; stop it first, or choose another folder with --folder"
    }

    /// What the marker says: always of the same length, so that it covers what was there without a moment of being empty.
    private static func text(owner: Int32) -> String {
        let number = String(owner)
        return """
            voxsite demo, process \(number)\(String(repeating: " ", count: max(0, 10 - number.utf8.count)))
            This folder was made by `voxsite demo`. Each start trains anew and writes over what the one before made:
            copy what is to stay to another folder.

            """
    }

    private static func owner(in path: String) -> Int32? {
        guard let bytes = try? OpenFile.reading(path).readAll(limit: 4096) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }
        return line.split(separator: " ").last.flatMap { Int32($0) }
    }
}
