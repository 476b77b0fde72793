import Files
import Foundation
import TestSupport

@testable import Collector

/// A log as its writer sees it, and every life it had: content that only grew.
struct LogModel {
    /// What was in the file between two moments at which it did not merely grow.
    struct Life {
        var bytes: [UInt8] = []
        /// How many of its bytes the source showed at a poll that came to its end.
        var seen = 0
    }

    var lives: [Life] = [Life()]
    /// Whether the last life is in a file now.
    var exists = false

    var current: [UInt8] { lives[lives.count - 1].bytes }

    mutating func append(_ bytes: [UInt8]) {
        if !exists { lives.append(Life()) }
        exists = true
        lives[lives.count - 1].bytes += bytes
    }

    mutating func begin(_ bytes: [UInt8]) {
        exists = true
        lives.append(Life(bytes: bytes))
    }

    mutating func noteSeen() {
        guard exists else { return }
        lives[lives.count - 1].seen = current.count
    }

    /// Everything wrong with what was collected.
    ///
    /// Zeros at an end are what a power cut left of bytes that were not recorded; no line has one.
    ///
    /// - Parameter collected: the name behind the log's own (`""`, `.gen0001`, `.gen0002.at17`), and the bytes.
    /// - Returns: what is wrong, in words.
    func defects(in collected: [(suffix: String, bytes: [UInt8])]) -> [String] {
        var defects: [String] = []
        var next = 0
        var whole: [[UInt8]] = []
        for (suffix, raw) in collected.sorted(by: { order($0.suffix) < order($1.suffix) }) {
            let bytes = Array(raw[..<((raw.lastIndex { $0 != 0 } ?? -1) + 1)])
            if let at = suffix.firstRange(of: ".at") {
                let offset = Int(suffix[at.upperBound...]) ?? 0
                let isKnown = lives.contains {
                    $0.bytes.count >= offset && $0.bytes[offset...].starts(with: bytes)
                }
                if !isKnown, !bytes.isEmpty { defects.append("\(suffix): bytes that never were") }
                continue
            }
            whole.append(bytes)
            // Each generation is the beginning of one life, and each life is in one generation at most.
            guard let life = lives[next...].firstIndex(where: { $0.bytes.starts(with: bytes) }) else {
                defects.append("\(suffix): \(bytes.count) bytes that are no life's, or for the second time")
                continue
            }
            next = life + (bytes.isEmpty ? 0 : 1)
        }
        for (index, life) in lives.enumerated() where life.seen > 0 {
            let seen = life.bytes.prefix(life.seen)
            if !whole.contains(where: { $0.starts(with: seen) }) {
                defects.append("life \(index): \(life.seen) bytes were seen and are lost")
            }
        }
        return defects
    }

    private func order(_ suffix: String) -> String { suffix.isEmpty ? "~" : suffix }
}

/// Where a log is written: in memory or in a real folder.
protocol LogWriter: Sendable {
    var transport: any Transport { get }
    func append(_ bytes: [UInt8], to path: RelativePath) throws
    /// Other contents in the same file.
    func rewrite(_ path: RelativePath, _ bytes: [UInt8]) throws
    /// Another file under the same name; its inode number may be the same again.
    func recreate(_ path: RelativePath, _ bytes: [UInt8], reusingInode: Bool) throws
    func rename(_ path: RelativePath, to target: RelativePath) throws
    func remove(_ path: RelativePath) throws
}

struct MemoryLogWriter: LogWriter {
    let memory: MemoryTransport
    var transport: any Transport { memory }

    func append(_ bytes: [UInt8], to path: RelativePath) { memory.change { $0.edit(path) { $0 += bytes } } }

    func rewrite(_ path: RelativePath, _ bytes: [UInt8]) { memory.change { $0.edit(path) { $0 = bytes } } }

    func recreate(_ path: RelativePath, _ bytes: [UInt8], reusingInode: Bool) {
        memory.change { state in
            let inode = state.files[path]?.inode
            state.files[path] = nil
            state.edit(path) { $0 = bytes }
            if reusingInode, let inode { state.files[path]?.inode = inode }
        }
    }

    func rename(_ path: RelativePath, to target: RelativePath) {
        memory.change { state in
            if let file = state.files.removeValue(forKey: path) { state.files[target] = file }
        }
    }

    func remove(_ path: RelativePath) { memory.change { $0.files[path] = nil } }
}

/// Writes real files, each change with a time of its own.
final class FolderLogWriter: LogWriter {
    let folder: TemporaryDirectory
    private let ticks = Ticks()

    final class Ticks: Sendable {
        private let count = Position(1_700_000_000)
        func next() -> Date {
            count.advance(by: 1)
            return Date(timeIntervalSince1970: Double(count.value))
        }
    }

    init() throws { folder = try TemporaryDirectory.fast() }

    var transport: any Transport { LocalTransport(root: folder.path) }

    func append(_ bytes: [UInt8], to path: RelativePath) throws {
        // As bytes: a torn line may end within a character, which a string would replace.
        if !folder.exists(path.string) { try folder.write([], to: path.string) }
        let file = try FileHandle(forWritingTo: folder.url.appending(path: path.string))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        try touch(path)
    }

    func rewrite(_ path: RelativePath, _ bytes: [UInt8]) throws {
        if !folder.exists(path.string) { try folder.write([], to: path.string) }
        let file = try FileHandle(forWritingTo: folder.url.appending(path: path.string))
        defer { try? file.close() }
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(bytes))
        try touch(path)
    }

    func recreate(_ path: RelativePath, _ bytes: [UInt8], reusingInode: Bool) throws {
        if folder.exists(path.string) { try folder.remove(path.string) }
        // Otherwise ext4 gives the number again at once.
        if !reusingInode { try folder.write([], to: "blocker-\(UUID().uuidString)") }
        try folder.write(bytes, to: path.string)
        try touch(path)
    }

    func rename(_ path: RelativePath, to target: RelativePath) throws {
        if folder.exists(target.string) { try folder.remove(target.string) }
        guard folder.exists(path.string) else { return }
        try FileManager.default.moveItem(
            atPath: folder.path(of: path.string),
            toPath: folder.path(of: target.string)
        )
    }

    func remove(_ path: RelativePath) throws {
        if folder.exists(path.string) { try folder.remove(path.string) }
    }

    private func touch(_ path: RelativePath) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: ticks.next()],
            ofItemAtPath: folder.path(of: path.string)
        )
    }
}
