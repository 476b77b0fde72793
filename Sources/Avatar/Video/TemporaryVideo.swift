import Files
import Foundation
import Synchronization

/// The name of a video that is being written, beside its target; the file goes with its owner.
final class TemporaryVideo: Sendable {
    let path: String

    private static let counter = Atomic<UInt64>(0)

    init(beside target: String) {
        let serial = Self.counter.add(1, ordering: .relaxed).newValue
        path = "\(FileSystem.folder(of: target))/\(Self.prefix)\(getpid())-\(serial)\(Self.ending)"
    }

    private static let prefix = ".voxsite-clip-"
    private static let ending = ".video"
    /// Encoders write every second or so.
    private static let abandonedSeconds = 3_600.0

    /// Removes what killed processes have left in a folder: files that nobody has written to for an hour.
    ///
    /// What cannot be removed stays: it is in nobody's way.
    static func removeAbandoned(in folder: String, now: Date = Date()) {
        for name in (try? DirectoryTree.names(in: folder)) ?? []
        where name.isUTF8 && name.name.hasPrefix(prefix) && name.name.hasSuffix(ending) {
            let path = "\(folder)/\(name.name)"
            guard let file = FileIdentity.find(path, followingSymbolicLinks: false), file.kind == .file else {
                continue
            }
            let age = now.timeIntervalSince1970 - Double(file.modifiedNanoseconds) / 1e9
            if age > abandonedSeconds { try? FileSystem.removeFile(path) }
        }
    }

    deinit { unlink(path) }
}
