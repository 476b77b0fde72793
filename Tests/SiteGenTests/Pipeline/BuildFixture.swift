import Files
import Foundation
import TestSupport

@testable import SiteGen

/// A folder of runs, the project's own templates, and a site to build.
final class BuildFixture: Sendable {
    let folder: TemporaryDirectory
    let clock = ManualClock(secondsSince1970: 1_765_006_000)

    init() throws {
        folder = try TemporaryDirectory()
        try folder.createDirectory("runs")
        try folder.createDirectory("templates")
    }

    func configuration(output: String = "site") -> SiteConfiguration {
        let package = Products.packageDirectory
        return SiteConfiguration(
            runs: folder.path(of: "runs"),
            output: folder.path(of: output),
            templates: [folder.path(of: "templates"), package.appending(path: "templates").path],
            assets: [package.appending(path: "public").path]
        )
    }

    func builder(output: String = "site") throws -> SiteBuilder {
        let clock = clock
        return try SiteBuilder(configuration(output: output), now: { clock.now })
    }

    func append(_ text: String, to run: String) throws {
        if FileIdentity.find(folder.path(of: "runs/\(run)")) == nil {
            try folder.createDirectory("runs/\(run)")
        }
        try folder.append(text, to: "runs/\(run)/metrics.jsonl")
    }

    /// The change a watcher would tell of.
    func change(_ runs: String...) -> ChangeSet {
        ChangeSet(entries: Set(runs), needsDiscovery: false, templates: false, assets: false)
    }

    /// Every file of the site with its bytes, the publisher's own manifest aside.
    func tree(_ output: String = "site") throws -> [String: [UInt8]] {
        let root = folder.path(of: output)
        var files: [String: [UInt8]] = [:]
        for entry in try DirectoryTree.walk(root) where entry.kind == .file {
            guard entry.path.string != ".voxsite-manifest" else { continue }
            files[entry.path.string] = try OpenFile.reading(entry.path.below(root)).readAll()
        }
        return files
    }

    func page(_ path: String, _ output: String = "site") throws -> String {
        try String(contentsOfFile: folder.path(of: "\(output)/\(path)"), encoding: .utf8)
    }

    static func line(_ step: Int, loss: Double) -> String {
        "{\"time\":\(1_765_005_000 + step),\"step\":\(step),\"epoch\":\(step / 100),\"train/loss\":\(loss)}\n"
    }
}
