import Foundation
import TestSupport
import Testing

@testable import RunRecords

/// "A file may grow, shrink, or be replaced by another inode": `docs/run-folder.md`.
@Suite struct LogCursorTests {
    private let text = (0..<200).map { "{\"step\":\($0),\"loss\":\($0 * 2)}\n" }.joined()

    @Test func `growth is an append`() async throws {
        let log = try LogFixture(text)
        let (_, cursor) = try await log.read()
        try log.append("{\"step\":200}\n")
        #expect(try cursor.change(at: log.path) == .appended)
        let (more, next) = try await log.read(from: cursor)
        #expect(more.columns["step"] == [200])
        #expect(next.lineCount == 201)
    }

    @Test func `a truncated log is another log, even when it has grown past the old length`() async throws {
        let log = try LogFixture(text)
        let (_, cursor) = try await log.read()
        let handle = try FileHandle(forWritingTo: URL(filePath: log.path))
        try handle.truncate(atOffset: 0)
        #expect(try cursor.change(at: log.path) == .replaced)
        try handle.write(contentsOf: Data(text.replacing("loss", with: "lost").utf8) + Data(text.utf8))
        #expect(try cursor.change(at: log.path) == .replaced)
    }

    @Test func `another inode of the same bytes is another log`() async throws {
        let log = try LogFixture(text)
        let (_, cursor) = try await log.read()
        let copy = log.directory.path(of: "copy")
        try log.directory.write(text + "{\"step\":200}\n", to: "copy")
        try FileManager.default.removeItem(atPath: log.path)
        try FileManager.default.moveItem(atPath: copy, toPath: log.path)
        #expect(try cursor.change(at: log.path) == .replaced)
    }

    @Test func `a rewrite in place of the same size is seen`() async throws {
        let log = try LogFixture(text)
        let (_, cursor) = try await log.read()
        let handle = try FileHandle(forWritingTo: URL(filePath: log.path))
        try handle.write(contentsOf: Data(text.replacing("\"step\":0,", with: "\"step\":9,").utf8))
        #expect(try cursor.change(at: log.path) == .replaced)
    }

    @Test func `a rewrite in the middle of a long log shows by its time`() async throws {
        let log = try LogFixture(text)
        let (_, cursor) = try await log.read()
        #expect(text.utf8.count > 2 * LogCursor.sampleSize)
        let handle = try FileHandle(forWritingTo: URL(filePath: log.path))
        try handle.write(contentsOf: Data(text.replacing("\"step\":99,", with: "\"step\":88,").utf8))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_765_000_000)],
            ofItemAtPath: log.path
        )
        #expect(try cursor.change(at: log.path) == .replaced)
    }
}
