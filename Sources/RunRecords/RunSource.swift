import Files
import Glibc

/// Where one run comes from: a folder below the folder of runs, or a log lying there by itself.
package struct RunSource: Sendable, Hashable {
    /// Safe in paths and URLs; the name itself where that is safe, else a made-up one with a hash of it.
    package let id: String
    /// The folder's name, or the log's without its ending.
    ///
    /// May be anything a file system allows.
    package let name: String
    /// The log; nil for a folder that only has a `run.json` so far.
    package let logPath: String?
    /// The run's own folder, where `run.json` and `media/` are; nil for a lone log.
    package let folder: String?
    /// The log below the folder of runs, for messages.
    package let displayPath: String

    package var descriptionPath: String? { folder.map { $0 + "/run.json" } }

    /// Where the backup tells of its attempts, whether it has yet or not; nil for a lone log.
    package var backupLogPath: String? { folder.map { $0 + "/" + Self.backupLogName } }
}

extension RunSource {
    /// What the backup tells of its attempts, beside the run's own log and never instead of it.
    package static let backupLogName = "backup.jsonl"

    /// Log names that are taken before others, best first.
    private static let preferredNames = [
        "metrics.jsonl", "train_log.jsonl", "training_log.jsonl", "trainer_log.jsonl", "log.jsonl",
        "metrics.json",
        "training_log.json", "log.json",
    ]

    /// The name beside the runs under which the collector tells of its health; no run has it.
    package static let collectorFolder = "collector"

    /// The runs in a folder of runs, sorted by id.
    ///
    /// A run is a sub-folder with a `run.json` or any JSONL log, or a JSONL or JSON-array file lying in the folder
    /// itself. A folder that is a run itself counts as the only one in it. Hidden names
    /// and the collector's folder are passed over.
    ///
    /// - Throws: `RunRecordsError.folder` when the folder is missing or cannot be listed.
    package static func discover(in root: String) throws(RunRecordsError) -> [RunSource] {
        let names: [DirectoryTree.Name]
        do {
            names = try DirectoryTree.names(in: root)
        } catch {
            throw .folder(path: root, reason: error.systemReason ?? error.description)
        }
        let present = Set(names.map(\.name))
        if present.contains("run.json") || present.contains("metrics.jsonl") {
            let whole = root.hasSuffix("/") ? String(root.dropLast()) : root
            let name = whole.split(separator: "/").last.map(String.init) ?? "run"
            return inFolder(whole, name: name, isRoot: true).map { [$0] } ?? []
        }
        var found: [String: RunSource] = [:]
        for name in names where name.isUTF8 && !name.name.hasPrefix(".") && name.name != collectorFolder {
            guard let source = source(root + "/" + name.name, name.name) else { continue }
            // `a/` and `a.jsonl` beside each other: the folder keeps the plain id.
            let isTaken = found[source.id] != nil
            let id = isTaken ? identifier(source.displayPath, isForced: true) : source.id
            found[id] = source.renamed(id)
        }
        return found.values.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    }

    private func renamed(_ id: String) -> RunSource {
        RunSource(id: id, name: name, logPath: logPath, folder: folder, displayPath: displayPath)
    }

    private static func source(_ path: String, _ name: String) -> RunSource? {
        switch FileIdentity.find(path)?.kind {
        case .directory: inFolder(path, name: name, isRoot: false)
        case .file: loneLog(path, name: name)
        case .symbolicLink, .other, nil: nil
        }
    }

    private static func inFolder(_ path: String, name: String, isRoot: Bool) -> RunSource? {
        let names: [DirectoryTree.Name]
        do throws(FilesError) {
            names = try DirectoryTree.names(in: path)
        } catch {
            guard error.code != ENOENT else { return nil }
            // A run all the same, whose page says why it cannot be read.
            let log = preferredNames[0]
            return RunSource(
                id: identifier(name),
                name: name,
                logPath: path + "/" + log,
                folder: path,
                displayPath: (isRoot ? "" : name + "/") + log
            )
        }
        let files = names.filter { $0.isUTF8 && !$0.name.hasPrefix(".") }.map(\.name)
        let log =
            preferredNames.first { files.contains($0) } ?? files.first { isLines($0) && $0 != backupLogName }
        guard log != nil || files.contains("run.json") else { return nil }
        return RunSource(
            id: identifier(name),
            name: name,
            logPath: log.map { path + "/" + $0 },
            folder: path,
            displayPath: (isRoot ? "" : name + "/") + (log ?? "run.json")
        )
    }

    private static func loneLog(_ path: String, name: String) -> RunSource? {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
        guard isLines(name) || name.hasSuffix(".json") && name != "run.json" && startsLikeLog(path) else {
            return nil
        }
        let stem = String(name[..<dot])
        return RunSource(id: identifier(stem), name: stem, logPath: path, folder: nil, displayPath: name)
    }

    private static func isLines(_ name: String) -> Bool {
        name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
    }

    /// Whether a `.json` file holds objects line by line or an array of them, rather than one document.
    private static func startsLikeLog(_ path: String) -> Bool {
        guard let file = try? LogFile(path: path), let start = try? file.bytes(at: 0, count: 4096) else {
            return false
        }
        let text = start.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        if text.first == UInt8(ascii: "[") { return true }
        guard text.first == UInt8(ascii: "{"), let line = text.split(separator: 0x0A).first else {
            return false
        }
        return (try? JSONParser.parse(Array(line))) != nil
    }

    /// A name as an id: kept where it is one, else its safe letters and a hash that keeps it unique.
    private static func identifier(_ name: String, isForced: Bool = false) -> String {
        // `api/runs/a.json` is the file about `a`, so no run's own folder can have that name.
        let isTwin = name.hasSuffix(".json") || name.hasSuffix(".gz")
        if !isForced, !isTwin, (try? RunID(validating: name)) != nil { return name }
        var safe: [UInt8] = []
        for byte in name.utf8.prefix(100) {
            let isKept =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") && !safe.isEmpty
            if isKept {
                safe.append(byte)
            } else if safe.last != UInt8(ascii: "-"), !safe.isEmpty {
                safe.append(UInt8(ascii: "-"))
            }
        }
        let hash = ContentHash(Array(name.utf8)).hex.prefix(8)
        let stem = safe.isEmpty ? "run" : String(decoding: safe, as: UTF8.self)
        return stem.hasSuffix("-") ? stem + hash : stem + "-" + hash
    }
}
