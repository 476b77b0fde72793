import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SiteGen

/// What is left when a publish stops at any of its steps, as a kill or a failing disk would stop it.
@Suite(.timeLimit(.minutes(2))) struct PublisherFaultTests {
    private struct Stopped: Error {}

    /// Lets `count` steps pass and stops at the next.
    private final class Fuse: Sendable {
        private let rest = Mutex<Int?>(nil)

        func arm(_ count: Int) { rest.withLock { $0 = count } }

        /// Whether it has stopped something since it was armed.
        func disarm() -> Bool {
            rest.withLock { rest in
                defer { rest = nil }
                return rest.map { $0 < 0 } ?? false
            }
        }

        func step() throws {
            let isOver = rest.withLock { rest in
                guard let left = rest else { return false }
                rest = left - 1
                return left == 0
            }
            if isOver { throw Stopped() }
        }
    }

    private final class Counter: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func increment() { state.withLock { $0 += 1 } }
    }

    private static func site(_ version: Int) throws -> [OutputFile] {
        let text = String(repeating: "version \(version) ", count: 50)
        let names = [
            "index.html",
            "assets/voxsite.css",
            "runs/a/index.html",
            "runs/b/index.html",
            "api/runs.json",
            "only/in/\(version)/page.html",
        ]
        return try names.map {
            OutputFile(
                path: try RelativePath(validating: $0),
                contents: .bytes(Array("\($0) \(text)".utf8)),
                isCompressible: true
            )
        }
    }

    private static func contents(_ root: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for entry in try DirectoryTree.walk(root) where entry.kind == .file {
            contents[entry.path.string] = try OpenFile.reading(entry.path.below(root)).readAll()
        }
        return contents
    }

    /// The trees that building each version alone into a new folder gives.
    private static func cleanBuilds(in folder: TemporaryDirectory) async throws -> [[String: [UInt8]]] {
        var builds: [[String: [UInt8]]] = []
        for version in 0...3 {
            let root = folder.path(of: "clean\(version)")
            let publisher = try Publisher(siteRoot: root)
            _ = try await publisher.publish(complete: site(version))
            await publisher.close()
            var build = try contents(root)
            build["mine.txt"] = Array("mine".utf8)
            builds.append(build)
        }
        return builds
    }

    @Test func `whatever the step, a complete version is live and the next publish works`() async throws {
        let folder = try TemporaryDirectory()
        let clean = try await PublisherFaultTests.cleanBuilds(in: folder)
        var steps = 0
        while true {
            let root = folder.path(of: "site\(steps)")
            let fuse = Fuse()
            var publisher: Publisher? = try Publisher(siteRoot: root) { _ in try fuse.step() }
            _ = try await publisher?.publish(complete: PublisherFaultTests.site(0))
            try folder.write("mine", to: "site\(steps)/mine.txt")
            _ = try await publisher?.publish(complete: PublisherFaultTests.site(1))

            fuse.arm(steps)
            _ = try? await publisher?.publish(complete: PublisherFaultTests.site(2))
            let wasStopped = fuse.disarm()
            let live = try PublisherFaultTests.contents(root)
            #expect(live == clean[1] || live == clean[2], "stopped at step \(steps)")
            if !wasStopped { #expect(live == clean[2]) }

            if steps.isMultiple(of: 2) {
                // The process died: another one takes over.
                publisher = nil
                publisher = try Publisher(siteRoot: root)
            }
            let report = try await publisher?.publish(complete: PublisherFaultTests.site(3))
            #expect(report?.isAtomic == true)
            #expect(try PublisherFaultTests.contents(root) == clean[3], "after step \(steps)")
            if !wasStopped { break }
            steps += 1
        }
        #expect(steps > 15, "every folder, file and switch is a step")
    }

    /// The tree of one folder, read through one descriptor, while versions follow each other.
    @Test func `a reader sees one version, never parts of two`() async throws {
        let folder = try TemporaryDirectory()
        let root = folder.path(of: "site")
        let publisher = try Publisher(siteRoot: root)
        let paths = try (0..<20).map { try RelativePath(validating: "page\($0).html") }
        @Sendable func version(_ number: Int) -> [OutputFile] {
            let bytes = Array("\(number)".utf8)
            return paths.map { OutputFile(path: $0, contents: .bytes(bytes), isCompressible: false) }
        }
        _ = try await publisher.publish(version(0))
        let rounds = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while rounds.count < 30 {
                    let directory = try OpenFile(root, flags: O_RDONLY | O_DIRECTORY)
                    let texts = paths.map { path -> [UInt8]? in
                        try? OpenFile.reading("/proc/self/fd/\(directory.descriptor)/\(path)").readAll()
                    }
                    // The folder is written to again only one version later: such a round proves nothing.
                    if FileIdentity.find(root)?.inode == (try directory.identity()).inode {
                        #expect(texts[0] != nil)
                        #expect(Set(texts).count == 1)
                        rounds.increment()
                    }
                    await Task.yield()
                }
            }
            var number = 0
            while rounds.count < 30 {
                number += 1
                _ = try await publisher.publish(version(number))
                await Task.yield()
            }
            try await group.waitForAll()
        }
    }
}
