import Files
import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite(.timeLimit(.minutes(1))) struct PublisherSpeedTests {
    /// Ten new files in a site of two thousand: what one appended log line costs.
    ///
    /// A few milliseconds on a quiet machine; judged against the first build on the same one.
    @Test func `the cost follows what changes, not what there is`() async throws {
        // In memory where that is possible: the disk's own speed is not the question.
        let memory = FileIdentity.find("/dev/shm")?.kind == .directory ? "/dev/shm" : nil
        let folder = try TemporaryDirectory(in: memory)
        let publisher = try Publisher(siteRoot: folder.path(of: "site"))
        var random = SeededRandom(seed: 1)
        func page(_ path: String, _ bytes: Int) throws -> OutputFile {
            let text = random.bytes(bytes / 2).map { String($0, radix: 16) }.joined()
            let path = try RelativePath(validating: path)
            return OutputFile(path: path, contents: .bytes(Array(text.utf8)), isCompressible: true)
        }
        var files: [OutputFile] = []
        for run in 0..<100 {
            files.append(try page("runs/run\(run)/index.html", 4_000))
            for csv in 0..<18 { files.append(try page("api/runs/run\(run)/csv/series\(csv).csv", 600)) }
            files.append(try page("api/runs/run\(run).json", 1_000))
        }
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await publisher.publish(complete: files)
        let cold = start.duration(to: clock.now)
        var times: [Duration] = []
        for _ in 0..<20 {
            var changed = [try page("index.html", 20_000), try page("runs/run7/index.html", 60_000)]
            for csv in 0..<7 { changed.append(try page("api/runs/run7/csv/series\(csv).csv", 600)) }
            changed.append(try page("api/runs/run7.json", 1_000))
            let start = clock.now
            let report = try await publisher.publish(changed)
            times.append(start.duration(to: clock.now))
            #expect(report.written.count == 10)
        }
        times.sort()
        #expect(times[10] < cold / 10, "\(files.count) files took \(cold), 10 changed: \(times)")
    }
}
