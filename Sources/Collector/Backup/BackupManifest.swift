import Files
import Glibc

/// `manifest.jsonl` of a job: what is kept, what it is, and what happened to it.
///
/// It only ever grows, each line by one `write(2)` and one `fdatasync(2)`, so it can be believed after any crash.
/// The last line about a name counts. A torn last line is closed by the next one and passed over by readers.
struct BackupManifest: Sendable, Equatable {
    /// What is there, in the order in which it was last stored: the newest last.
    private(set) var live: [ManifestEntry] = []
    /// The last line about each name, whatever it says.
    private(set) var last: [RelativePath: ManifestEntry] = [:]
    /// When the last pass ended well, by the clock here.
    private(set) var lastSuccess: Double?
    /// Lines that are none, numbered from 1; an unfinished one at the end does not count.
    private(set) var badLines: [Int] = []

    /// A longer manifest is none: about a million lines.
    private static let maximumLength = 1 << 30

    /// Reads a manifest; a missing one is empty.
    ///
    /// - Parameter folder: of the job.
    /// - Returns: what it says.
    /// - Throws: ``CollectorError/file(_:)``.
    static func read(folder: String) throws(CollectorError) -> BackupManifest {
        let path = "\(folder)/\(CheckpointName.manifestName)"
        var manifest = BackupManifest()
        let bytes: [UInt8]
        do throws(FilesError) {
            bytes = try OpenFile.reading(path).readAll(limit: maximumLength)
        } catch {
            if error.code == ENOENT { return manifest }
            throw .file(error)
        }
        var start = 0
        var number = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let line = bytes[start..<end]
            start = end + 1
            if line.isEmpty { continue }
            if let parsed = ManifestLine(Array(line)) {
                manifest.apply(parsed)
            } else {
                manifest.badLines.append(number)
            }
        }
        return manifest
    }

    /// Takes in one more line.
    mutating func apply(_ line: ManifestLine) {
        switch line {
        case .pass(let time, let succeeded, _): if succeeded { lastSuccess = time }
        case .file(let entry):
            last[entry.name] = entry
            // Knowing what a file is says nothing yet about its being there.
            guard entry.action != .verified else { return }
            live.removeAll { $0.name == entry.name }
            if entry.action == .stored { live.append(entry) }
        }
    }

    /// The newest verified contents of each alias.
    var aliases: [RelativePath: ManifestEntry] {
        var aliases: [RelativePath: ManifestEntry] = [:]
        for entry in live where entry.isVerified {
            guard let alias = Self.alias(of: entry) else { continue }
            aliases[alias] = entry
        }
        return aliases
    }

    /// Every alias that was ever made.
    var everyAlias: Set<RelativePath> { Set(last.values.compactMap { Self.alias(of: $0) }) }

    private static func alias(of entry: ManifestEntry) -> RelativePath? {
        CheckpointName(entry.path).flatMap { try? $0.aliasPath(entry.path) }
    }

    /// The entry that last came from a source's path.
    func newest(from path: RelativePath) -> ManifestEntry? { live.last { $0.path == path } }

    /// Verified contents with a hash, whatever they are called.
    func verified(_ sha256: SHA256Value) -> ManifestEntry? {
        live.last { $0.isVerified && $0.sha256 == sha256 }
    }
}
