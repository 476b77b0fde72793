import Files
import TestSupport
import Testing

@testable import Collector

@Suite struct RetentionTests {
    private func entry(
        _ path: String,
        _ serial: Int,
        _ verification: BackupVerification = .sha256
    ) throws -> ManifestEntry {
        let path = try RelativePath(validating: path)
        let name = try #require(CheckpointName(path))
        let sha256 = SHA256Value(hashing: Array("\(serial)".utf8))
        return ManifestEntry(
            time: Double(serial),
            action: .stored,
            name: try name.contentPath(path, sha256),
            path: path,
            source: "gpu:/root",
            byteCount: serial,
            sha256: sha256,
            verification: verification,
            kind: name.kind,
            step: name.step
        )
    }

    @Test("The newest steps and bests are kept, finals always")
    func plain() throws {
        let live = try [
            entry("step_1.pt", 1), entry("best.pt", 2), entry("step_2.pt", 3), entry("final.pt", 4),
            entry("best.pt", 5), entry("step_3.pt", 6), entry("final.pt", 7), entry("best.pt", 8),
        ]
        let retention = Retention(keptStepCount: 2, keptBestCount: 1)
        #expect(retention.prunable(live).map(\.byteCount) == [1, 2, 5])
    }

    @Test("An unverified copy never pushes a verified one out")
    func unverified() throws {
        let live = try [
            entry("step_1.pt", 1), entry("step_2.pt", 2, .sizeOnly), entry("step_3.pt", 3, .sizeOnly),
        ]
        #expect(Retention(keptStepCount: 1).prunable(live).isEmpty)
    }

    @Test("After a restart from an earlier step both the newest and the furthest step stay")
    func restart() throws {
        let live = try [
            entry("step_3000.pt", 1), entry("step_1500.pt", 2), entry("step_1600.pt", 3),
        ]
        #expect(Retention(keptStepCount: 1).prunable(live).map(\.byteCount) == [2])
    }

    @Test(
        "Whatever was stored, the newest verified of every series stays, and so do as many as are asked for"
    )
    func properties() throws {
        var random = SeededRandom.fresh()
        let paths = ["best.pt", "stage2/best.pt", "best_final_stage1.pt", "final.pt", "epoch_history.log"]
        for _ in 0..<400 {
            var live: [ManifestEntry] = []
            for serial in 1...Int.random(in: 1...30, using: &random) {
                let step = "step_\(Int.random(in: 0...20, using: &random)).pt"
                let path = Bool.random(using: &random) ? step : paths.randomElement(using: &random) ?? step
                let level = BackupVerification.allCases.randomElement(using: &random) ?? .sha256
                live.append(try entry(path, serial, level))
            }
            let retention = Retention(
                keptStepCount: Int.random(in: -1...4, using: &random),
                keptBestCount: Int.random(in: 0...3, using: &random)
            )
            let gone = Set(retention.prunable(live).map(\.byteCount))
            let left = live.filter { !gone.contains($0.byteCount) }
            for series in Set(live.compactMap { CheckpointName($0.path)?.seriesKey($0.path) }) {
                let all = live.filter {
                    CheckpointName($0.path)?.seriesKey($0.path) == series && $0.isVerified
                }
                let rest = left.filter {
                    CheckpointName($0.path)?.seriesKey($0.path) == series && $0.isVerified
                }
                let limit = series.kind == .best ? retention.keptBestCount : retention.keptStepCount
                #expect(all.last == rest.last, "\(series) \(random)")
                #expect(rest.count >= min(limit, all.count), "\(series) \(random)")
                if series.kind == .step {
                    #expect(all.compactMap(\.step).max() == rest.compactMap(\.step).max(), "\(random)")
                }
                if series.kind == .final { #expect(all == rest, "\(random)") }
            }
            // What is left is not pruned further: the rule has settled.
            #expect(retention.prunable(left).isEmpty, "\(random)")
        }
    }
}
