import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPListingTests {
    @Test("a tree is listed with sizes and kinds, sorted, links as links and not followed")
    func tree() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("12345", to: "runs/a/metrics.jsonl")
        try server.files.write("", to: "runs/a/é b.log")
        try server.files.write("x", to: "runs/a-b/c")
        try server.files.createDirectory("runs/empty")
        for (name, target) in [("up", ".."), ("runs/loop", "."), ("runs/dangling", "nowhere -> there")] {
            try FileManager.default.createSymbolicLink(
                atPath: server.files.path(of: name),
                withDestinationPath: target
            )
        }
        let transport = try server.transport()
        let listing = try await transport.list(nil, recursively: true)
        let shown = listing.files.map { "\($0.path) \($0.status.kind) \($0.status.size)" }
        #expect(
            shown.filter { !$0.contains("directory") } == [
                "runs/a/metrics.jsonl file 5", "runs/a/é b.log file 0", "runs/a-b/c file 1",
                "runs/loop symbolicLink 1", "up symbolicLink 2",
            ]
        )
        #expect(listing.files.map(\.path) == listing.files.map(\.path).sorted())
        // A target with an arrow in it leaves open where the name ends.
        #expect(listing.problems.count == 1 && "\(listing.problems)".contains("dangling"))
        let shallow = try await transport.list(try RelativePath(validating: "runs"), recursively: false)
        #expect(shallow.files.map(\.path.string) == ["runs/a", "runs/a-b", "runs/empty", "runs/loop"])
        for name in ["up", "runs/a/metrics.jsonl", "runs/loop/a"] {
            await #expect(throws: CollectorError.self) {
                try await transport.list(try RelativePath(validating: name), recursively: false)
            }
        }
        await #expect(throws: CollectorError.vanished("gpu:\(server.files.path)/gone")) {
            try await transport.list(try RelativePath(validating: "gone"), recursively: false)
        }
        #expect(server.loginCount == 1)
        await transport.close()
    }

    @Test("a look at what has not changed costs one question, and no change goes unseen")
    func secondLooks() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("12345", to: "runs/a/metrics.jsonl")
        let transport = try server.transport()
        let path = try RelativePath(validating: "runs/a/metrics.jsonl")
        let file = server.files.path(of: path.string)
        let first = try #require(try await transport.status(of: path))
        #expect(try await transport.status(of: path) == first)
        try server.files.write("123456", to: path.string)
        #expect(try await transport.status(of: path)?.size == 6)
        // The same length at another time.
        #expect(utimes(file, [timeval(tv_sec: 1_000, tv_usec: 0), timeval(tv_sec: 1_000, tv_usec: 0)]) == 0)
        #expect(try await transport.status(of: path)?.modifiedNanoseconds == 1_000_000_000_000)
        try FileManager.default.moveItem(atPath: file, toPath: file + ".1")
        #expect(try await transport.status(of: path) == nil)
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: file + ".1")
        // It leads to something that looks as the file did, so the look tells nothing; but nothing is read there.
        _ = try await transport.status(of: path)
        await #expect(throws: CollectorError.self) { try await transport.bytes(of: path, from: 0, count: 5) }
        try server.files.write("1234567", to: path.string + ".1")
        #expect(try await transport.status(of: path)?.kind == .symbolicLink)
        #expect(server.loginCount == 1)
        await transport.close()
    }

    @Test("hostile names become problems, the rest of the folder stays good")
    func hostileNames() async throws {
        let server = try await SFTPTestServer()
        let crafted = "x\n-rw-r--r--    1 root     root         5120 Nov 25 02:01 phantom"
        let names = [
            "good.log", "-rf", "--delete", crafted, "a\rb", "tab\tname", "...", "~", "a;rm -rf *", "q\"'\\",
        ]
        for name in names { try server.files.write("x", to: name) }
        let notUTF8 = Array("\(server.files.path)/bad".utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        #expect(close(open(notUTF8, O_CREAT | O_WRONLY, 0o600)) == 0)
        let transport = try server.transport()
        let listing = try await transport.list(nil, recursively: true)
        let expected = ["good.log", "-rf", "--delete", "tab\tname", "...", "~", "a;rm -rf *", "q\"'\\"]
        #expect(Set(listing.files.map(\.path.string)) == Set(expected))
        #expect(listing.problems.count == 3)
        for problem in listing.problems {
            #expect("\(problem)".unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(problem)")
        }
        for name in expected {
            let path = try RelativePath(validating: name)
            #expect(try await transport.bytes(of: path, from: 0, count: 9) == Array("x".utf8), "\(name)")
        }
        #expect(try await transport.status(of: try RelativePath(validating: "phantom")) == nil)
        await transport.close()
    }

    @Test("libcurl hands over one entry of a folder at a time, which is what tells names with line breaks")
    func oneEntryAtATime() async throws {
        let server = try await SFTPTestServer()
        for number in 0..<1500 { try server.files.write("", to: "file-\(number).log") }
        let transport = try server.transport()
        let page = try await transport.listPage(nil)
        #expect(page.entries.count == 1500)
        #expect(page.problems == [])
        await transport.close()
    }

    @Test(
        "a folder that cannot be read is a problem of its own",
        .enabled(if: getuid() != 0, "root reads everything")
    )
    func unreadable() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "open/a")
        try server.files.write("x", to: "closed/a")
        #expect(chmod(server.files.path(of: "closed"), 0) == 0)
        defer { chmod(server.files.path(of: "closed"), 0o700) }
        let transport = try server.transport()
        let listing = try await transport.list(nil, recursively: true)
        #expect(listing.files.map(\.path.string) == ["closed", "open", "open/a"])
        #expect(listing.problems.count == 1)
        await transport.close()
    }

    @Test("a name that comes twice is left alone, and no entry can leave its folder")
    func pages() {
        func line(_ name: String, _ mode: String = "-rw-r--r--") -> [UInt8] {
            Array("\(mode) 1 root root 5 Nov 25 02:01 \(name)\n".utf8)
        }
        let listed = [
            line(".", "drwxr-xr-x"), line("..", "drwxr-xr-x"), line("a"), line("b"), line("b", "drwxr-xr-x"),
            line("../c"), line("/etc/passwd"), line(String(repeating: "n", count: 256)),
            Array("nonsense\n".utf8),
        ]
        let page = SFTPPage(listed, folder: "gpu:/runs")
        #expect(page.entries.keys.sorted() == ["a"])
        #expect(page.problems.count == 5)
        #expect(page.problems.allSatisfy { "\($0)".hasPrefix("gpu:/runs/") })
    }
}

@Suite struct SFTPFoldersTests {
    private let entries = ["a": FileStatus(size: 1)]

    @Test("a listing is trusted for as long as it is fresh")
    func fresh() {
        let folders = SFTPFolders()
        let start = ContinuousClock.now
        folders.store(entries, of: nil, modifiedSeconds: 100, at: start)
        #expect(folders.entries(of: nil, notOlderThan: start) == entries)
        #expect(folders.entries(of: nil, notOlderThan: start + .nanoseconds(1)) == nil)
    }

    @Test("the folder's time confirms a listing only once its second has passed")
    func settling() {
        let folders = SFTPFolders()
        let start = ContinuousClock.now
        folders.store(entries, of: nil, modifiedSeconds: 100, at: start)
        #expect(folders.confirm(nil, modifiedSeconds: 100, at: start + .seconds(1)) == nil)
        folders.store(entries, of: nil, modifiedSeconds: 100, at: start + .seconds(1))
        #expect(folders.confirm(nil, modifiedSeconds: 100, at: start + .seconds(2)) == nil)
        folders.store(entries, of: nil, modifiedSeconds: 100, at: start + .seconds(2))
        #expect(folders.confirm(nil, modifiedSeconds: 100, at: start + .seconds(3)) == entries)
        #expect(folders.entries(of: nil, notOlderThan: start + .seconds(3)) == entries)
        #expect(folders.confirm(nil, modifiedSeconds: 101, at: start + .seconds(4)) == nil)
        folders.store(entries, of: nil, modifiedSeconds: 101, at: start + .seconds(5))
        #expect(folders.confirm(nil, modifiedSeconds: 101, at: start + .seconds(6)) == nil)
    }

    @Test("a folder without a time is never confirmed")
    func noTime() {
        let folders = SFTPFolders()
        let start = ContinuousClock.now
        for seconds in 0..<5 {
            folders.store(entries, of: nil, modifiedSeconds: nil, at: start + .seconds(seconds))
        }
        #expect(folders.confirm(nil, modifiedSeconds: 0, at: start + .seconds(9)) == nil)
    }

    @Test("a listing without a time keeps what is known of the time, unless an entry changed its kind")
    func noted() {
        let folders = SFTPFolders()
        let start = ContinuousClock.now
        for seconds in 0..<3 {
            folders.store(entries, of: nil, modifiedSeconds: 100, at: start + .seconds(seconds))
        }
        let grown = ["a": FileStatus(size: 9)]
        folders.note(grown, of: nil, at: start + .seconds(5))
        #expect(folders.entries(of: nil, notOlderThan: start + .seconds(5)) == grown)
        #expect(folders.confirm(nil, modifiedSeconds: 100, at: start + .seconds(6)) == grown)
        folders.note(["a": FileStatus(kind: .symbolicLink, size: 9)], of: nil, at: start + .seconds(7))
        #expect(folders.confirm(nil, modifiedSeconds: 100, at: start + .seconds(8)) == nil)
    }

    @Test("what is remembered is bounded")
    func bounded() throws {
        let folders = SFTPFolders(limit: 10)
        let start = ContinuousClock.now
        let many = Dictionary(uniqueKeysWithValues: (0..<6).map { ("\($0)", FileStatus(size: $0)) })
        let other = try RelativePath(validating: "other")
        folders.store(many, of: nil, modifiedSeconds: 1, at: start)
        folders.store(many, of: other, modifiedSeconds: 1, at: start)
        #expect(folders.entries(of: nil, notOlderThan: start) == nil)
        #expect(folders.entries(of: other, notOlderThan: start) == many)
    }
}
