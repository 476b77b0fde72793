import Files
import RunRecords

/// The files of clips that the API has made.
struct ClipMedia: Sendable {
    let runs: String
    /// How many bytes are kept.
    let quotaBytes: Int

    /// What its files' names begin with; clips of the command line are never removed.
    private static let prefix = "speak-"
    private static let endings = [".mp4", ".webm", ".wav", ".poster.png", ".waveform.png", ".mouth.png"]

    /// Where a file lies below the folder of runs.
    ///
    /// - Parameters:
    ///   - run: from an address.
    ///   - file: from an address.
    /// - Returns: nil for what the API never makes, whether it is there or not.
    static func path(run: String, file: String) -> String? {
        guard (try? RunID(validating: run)) != nil, run.hasPrefix(ClipRun.prefix),
            let ending = endings.first(where: file.hasSuffix), file.hasPrefix(prefix)
        else { return nil }
        let digits = file.dropFirst(prefix.count).dropLast(ending.count)
        guard digits.utf8.count == 32, digits.utf8.allSatisfy(isHexadecimal) else { return nil }
        return "\(run)/media/\(file)"
    }

    /// How many bytes there are.
    func usedBytes() -> Int { files().reduce(0) { $0 + $1.size } }

    /// Removes the oldest clips until the rest keeps to the quota.
    ///
    /// - Throws: ``AvatarError/file(_:)`` for one that cannot be removed.
    func makeRoom() throws(AvatarError) {
        let files = files()
        var used = files.reduce(0) { $0 + $1.size }
        for file in files.sorted(by: { $0.modified < $1.modified }) where used > quotaBytes {
            do { try FileSystem.removeFile(file.path) } catch { throw .file(error) }
            used -= file.size
        }
    }

    private struct File {
        let path: String
        let size: Int
        let modified: Int64
    }

    private func files() -> [File] {
        let folders = (try? DirectoryTree.names(in: runs)) ?? []
        return folders.filter { $0.name.hasPrefix(ClipRun.prefix) && $0.isUTF8 }.flatMap { run -> [File] in
            let names = (try? DirectoryTree.names(in: "\(runs)/\(run.name)/media")) ?? []
            return names.compactMap { entry in
                guard let path = Self.path(run: run.name, file: entry.name),
                    let identity = FileIdentity.find("\(runs)/\(path)", followingSymbolicLinks: false),
                    identity.kind == .file
                else { return nil }
                return File(
                    path: "\(runs)/\(path)",
                    size: identity.size,
                    modified: identity.modifiedNanoseconds
                )
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
