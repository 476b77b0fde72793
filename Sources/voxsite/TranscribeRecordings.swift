import Foundation
import Trainer

/// The recordings that paths name: files as they are, and of folders all in them and below.
struct TranscribeRecordings {
    /// What is read.
    private(set) var paths: [String] = []
    /// What folders hold besides, and only another program can read.
    private(set) var unread: [String] = []

    /// How names of sound and video end that libsndfile does not read.
    private static let unreadEndings: Set<String> = [
        "3gp", "aac", "ac3", "amr", "ape", "m4a", "m4b", "mka", "mkv", "mov", "mp4", "webm", "wma", "wv",
    ]

    /// - Parameter given: files and folders.
    /// - Throws: `UsageError` for what is not there.
    init(_ given: [String]) throws {
        for path in given { try add(path) }
    }

    /// What is left out, why, and what to do about it, in a sentence; nil where nothing is.
    var problem: String? {
        guard let first = unread.first else { return nil }
        let shown = unread.prefix(3).joined(separator: ", ")
        let rest = unread.count > 3 ? " and \(unread.count - 3) more" : ""
        let ending = URL(fileURLWithPath: first).pathExtension
        return "\(shown)\(rest): left out, as such formats cannot be read; convert them first: "
            + "ffmpeg -i INPUT.\(ending) -ac 1 OUTPUT.flac"
    }

    private mutating func add(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw UsageError("\(path): there is no such file or folder")
        }
        guard isFolder.boolValue else { return paths.append(path) }
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in names.sorted() {
            let ending = URL(fileURLWithPath: name).pathExtension.lowercased()
            let below = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            if RecordingName.endings.contains(ending) { paths.append(below) }
            if Self.unreadEndings.contains(ending) { unread.append(below) }
        }
    }
}
