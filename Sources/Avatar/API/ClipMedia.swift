import Files
import RunRecords

/// The files of clips that the API has made.
struct ClipMedia: Sendable {
    let runs: String
    /// How many bytes are kept.
    let quotaBytes: Int

    /// What its files' names begin with; clips of the command line are never removed.
    private static let prefix = "speak-"

    /// Where a file lies below the folder of runs.
    ///
    /// - Parameters:
    ///   - run: from an address.
    ///   - file: from an address.
    /// - Returns: nil for what the API never makes, whether it is there or not.
    static func path(run: String, file: String) -> String? {
        guard (try? RunID(validating: run)) != nil, run.hasPrefix(ClipRun.prefix),
            let name = name(of: file), name.hasPrefix(prefix)
        else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard digits.utf8.count == 32, digits.utf8.allSatisfy(isHexadecimal) else { return nil }
        return "\(run)/media/\(file)"
    }

    /// The clip's name without what tells its files apart; nil for a file that no clip has.
    private static func name(of file: String) -> Substring? {
        ClipFiles.endings.first(where: file.hasSuffix).map { file.dropLast($0.count) }
    }

    /// How many bytes there are.
    func usedBytes() -> Int { clips().reduce(0) { $0 + $1.size } }

    /// Removes the oldest clips, each with all its files, until the rest keeps to the quota.
    ///
    /// - Throws: ``AvatarError/file(_:)`` for a file that cannot be removed.
    func makeRoom() throws(AvatarError) {
        let clips = clips()
        var used = clips.reduce(0) { $0 + $1.size }
        for clip in clips.sorted(by: { $0.modified < $1.modified }) where used > quotaBytes {
            do { for path in clip.paths { try FileSystem.removeFile(path) } } catch { throw .file(error) }
            used -= clip.size
        }
    }

    /// All files of one name.
    private struct Clip {
        var paths: [String] = []
        var size = 0
        /// When the newest of its files was written.
        var modified = Int64.min
    }

    private func clips() -> [Clip] {
        let folders = (try? DirectoryTree.names(in: runs)) ?? []
        var clips: [String: Clip] = [:]
        for run in folders where run.name.hasPrefix(ClipRun.prefix) && run.isUTF8 {
            for entry in (try? DirectoryTree.names(in: "\(runs)/\(run.name)/media")) ?? [] {
                guard let path = Self.path(run: run.name, file: entry.name),
                    let identity = FileIdentity.find("\(runs)/\(path)", followingSymbolicLinks: false),
                    identity.kind == .file
                else { continue }
                let name = "\(run.name)/\(Self.name(of: entry.name) ?? "")"
                var clip = clips[name] ?? Clip()
                clip.paths.append("\(runs)/\(path)")
                clip.size += identity.size
                clip.modified = max(clip.modified, identity.modifiedNanoseconds)
                clips[name] = clip
            }
        }
        return Array(clips.values)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
