import Files
import Foundation
import Glibc
import TestSupport
import Testing

@testable import SiteGen

/// Places that cannot be published to, and those where only the second-best way works.
@Suite(.timeLimit(.minutes(1))) struct PublisherOutputTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func refusal(_ path: String, sources: [String] = []) -> String {
        do {
            _ = try Publisher(siteRoot: path, sources: sources)
            return "accepted"
        } catch {
            return error.description
        }
    }

    private func page(_ path: String, _ bytes: [UInt8]) throws -> OutputFile {
        OutputFile(path: try RelativePath(validating: path), contents: .bytes(bytes), isCompressible: false)
    }

    @Test func `refuses a folder with somebody's files, naming the way out`() throws {
        try folder.write("precious", to: "home/thesis.tex")
        let home = folder.path(of: "home")
        #expect(
            refusal(home) == """
                \(home): not a usable path: the folder is not empty and was not made by voxsite; choose an empty \
                or a new one with -o, or hand this one over: touch '\(home)/.voxsite-manifest' (your files in it \
                are kept)
                """
        )
        #expect(try DirectoryTree.walk(home).map(\.path.string) == ["thesis.tex"], "nothing was left there")
        try folder.write("", to: "home/.voxsite-manifest")
        #expect(refusal(home) == "accepted")
    }

    @Test func `refuses a file, a place inside the sources and one around them`() throws {
        try folder.write("x", to: "file")
        #expect(refusal(folder.path(of: "file")).contains("it is a file, and a site needs a folder"))
        #expect(refusal(folder.path(of: "file/site")).contains("a file stands where a folder is needed"))
        try folder.createDirectory("work/runs")
        let runs = folder.path(of: "work/runs")
        #expect(refusal(runs + "/site", sources: [runs]).contains("it lies in \(runs)"))
        #expect(refusal(folder.path(of: "work"), sources: [runs]).contains("it contains \(runs)"))
        #expect(refusal(folder.path(of: "work/runs-site"), sources: [runs]) == "accepted")
        #expect(refusal("").contains("give one with -o"))
        try folder.write("voxsite-site 99\n", to: "later/.voxsite-manifest")
        #expect(refusal(folder.path(of: "later")).contains("another version of voxsite"))
    }

    @Test func `refuses to share a folder with another publisher`() async throws {
        let site = folder.path(of: "site")
        let first = try Publisher(siteRoot: site)
        #expect(refusal(site).contains("another voxsite is publishing to it"))
        await first.close()
    }

    @Test func `says why a place cannot be written`() throws {
        #expect(refusal("/proc/site").hasPrefix("/proc/site: cannot create the folder: "))
    }

    @Test func `publishes through a link to the folder it leads to`() async throws {
        try folder.createDirectory("real")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "link"),
            withDestinationPath: folder.path(of: "real")
        )
        let publisher = try Publisher(siteRoot: folder.path(of: "link"))
        _ = try await publisher.publish([page("index.html", [1])])
        #expect(try folder.read("real/index.html") == [1])
        let link = FileIdentity.find(folder.path(of: "link"), followingSymbolicLinks: false)
        #expect(link?.kind == .symbolicLink)
    }

    @Test func `refuses file names it needs itself`() async throws {
        let publisher = try Publisher(siteRoot: folder.path(of: "site"))
        await #expect(throws: SiteGenError.self) {
            _ = try await publisher.publish([page(".voxsite-manifest", [1])])
        }
    }

    /// A file system of 1 MiB, where this machine lets us have one.
    private final class SmallDisk {
        let path: String

        init?(_ path: String) {
            self.path = path
            guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { return nil }
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }
    }

    private static let canMount: Bool = {
        guard let folder = try? TemporaryDirectory() else { return false }
        return SmallDisk(folder.path) != nil
    }()

    @Test(.enabled(if: canMount, "mounting a small disk needs privileges"), arguments: [true, false])
    func `a full disk leaves the old site, and the next publish works`(isMountPoint: Bool) async throws {
        try folder.createDirectory("disk")
        let disk = SmallDisk(folder.path(of: "disk"))
        defer { withExtendedLifetime(disk) {} }
        let name = isMountPoint ? "disk" : "disk/site"
        let publisher = try Publisher(siteRoot: folder.path(of: name))
        var random = SeededRandom.fresh()
        let (old, new) = (random.bytes(200_000), random.bytes(200_000))
        var report = try await publisher.publish([page("a.bin", old), page("index.html", [1])])
        #expect(report.isAtomic == !isMountPoint)
        let error = await #expect(throws: SiteGenError.self) {
            _ = try await publisher.publish([page("b.bin", random.bytes(900_000)), page("index.html", [2])])
        }
        #expect(error?.description.contains("cannot write: No space left on device; free some space") == true)
        #expect(error?.description.contains("voxsite-next") == false)
        #expect(try folder.read("\(name)/a.bin") == old)
        #expect(try folder.read("\(name)/index.html") == [1])
        report = try await publisher.publish([page("a.bin", new), page("index.html", [3])])
        #expect(report.written.count == 2)
        #expect(try folder.read("\(name)/a.bin") == new)
        let names = try DirectoryTree.walk(folder.path(of: name)).map(\.path.string)
        #expect(Set(names).subtracting([".voxsite-lock"]) == [".voxsite-manifest", "a.bin", "index.html"])
    }
}
