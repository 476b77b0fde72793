import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Training status") struct TrainingStatusJSONTests {
    static let metricKeys: Set<String> = [
        "epoch", "step", "totalSteps", "totalEpochs", "loss", "ctcLoss", "ceLoss", "wer", "learningRate",
        "speed",
        "gpuMemory", "gpuUtil", "eta", "status", "lastUpdate", "stage", "backup",
    ]

    @Test("The keys are there with no run at all")
    func nothing() throws {
        let status = try object(TrainingStatusJSON.bytes(for: nil))
        let metrics = try #require(status["metrics"] as? [String: Any])
        #expect(Self.metricKeys.isSubset(of: metrics.keys))
        #expect(metrics["status"] as? String == "waiting")
        #expect(metrics["loss"] is NSNull)
        for key in ["history", "lossHistory", "backupHistory", "werHistory"] {
            #expect((status[key] as? [Any])?.isEmpty == true)
        }
    }

    @Test("A run without a plan gets no plan invented")
    func noPlan() throws {
        let report = APIFixture.report(id: "r", series: [APIFixture.series("loss", [(0, 1), (1, 0.5)])])
        let status = try object(TrainingStatusJSON.bytes(for: report))
        let metrics = try #require(status["metrics"] as? [String: Any])
        for key in ["eta", "totalSteps", "totalEpochs", "speed", "gpuUtil", "wer", "backup"] {
            #expect(metrics[key] is NSNull)
        }
        #expect(metrics["loss"] as? Double == 0.5)
    }

    @Test("Parts of the loss stand as they stood at each step")
    func parts() throws {
        let status = try object(TrainingStatusJSON.bytes(for: APIFixture.full))
        let rows = try #require(status["lossHistory"] as? [[String: Any]])
        #expect(rows.map { $0["step"] as? Double } == [0, 5, 10, 20])
        #expect(rows.map { $0["loss"] as? Double } == [7.5, 4, nil, 3.916])
        #expect(rows.map { $0["ctcLoss"] as? Double } == [3, 3, 3, 1.8])
        #expect(rows.map { $0["ceLoss"] as? Double } == [nil, 5.35, 5.35, 5.35])
    }

    @Test("A run that logs only a part of the loss still has a history")
    func onlyParts() throws {
        let report = APIFixture.report(id: "r", series: [APIFixture.series("ctc_loss", [(3, 2)])])
        let status = try object(TrainingStatusJSON.bytes(for: report))
        let row = try #require((status["lossHistory"] as? [[String: Any]])?.first)
        #expect(row["loss"] is NSNull)
        #expect(row["ctcLoss"] as? Double == 2)
    }

    @Test(
        "Long histories are thinned to 500 rows that keep ends and extremes",
        arguments: [499, 501, 8_000, 20_011]
    )
    func thinning(count: Int) throws {
        var random = SeededRandom.fresh()
        var points = (0..<count).map { DataPoint(x: Double($0), y: Double.random(in: 0...1, using: &random)) }
        points[Int.random(in: 0..<count, using: &random)].y = 100
        points[Int.random(in: 0..<count, using: &random)].y = -100
        points[Int.random(in: 1..<count - 1, using: &random)].y = .nan
        let thin = HistoryThinning.thin(points, limit: 500)
        #expect(thin.count <= 500)
        #expect(thin.count > min(count, 400))
        #expect(thin.first?.x == 0)
        #expect(thin.last?.x == Double(count - 1))
        #expect(
            thin.map(\.y).filter(\.isFinite).max() == points.map(\.y).filter(\.isFinite).max(),
            "\(random)"
        )
        #expect(
            thin.map(\.y).filter(\.isFinite).min() == points.map(\.y).filter(\.isFinite).min(),
            "\(random)"
        )
        #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.x < $1.x })
    }

    @Test("A series of nothing but NaN thins to its ends")
    func allNaN() {
        let points = (0..<1_000).map { DataPoint(x: Double($0), y: .nan) }
        #expect(HistoryThinning.thin(points, limit: 500).map(\.x) == [0, 999])
    }

    @Test("The newest active run is the running one that started last, whatever the order")
    func newestActive() {
        let old = APIFixture.report(id: "old", status: .running, started: 1, lastUpdate: 100)
        let new = APIFixture.report(id: "new", status: .running, started: 2, lastUpdate: 50)
        let done = APIFixture.report(id: "done", status: .completed, started: 3, lastUpdate: 200)
        #expect(NewestActiveRun.choose(among: [old, new, done])?.id == "new")
        #expect(NewestActiveRun.choose(among: [done, new, old])?.id == "new")
    }

    @Test("With none running it is the one that wrote last; ties go by name; of none there is none")
    func newestEnded() {
        let early = APIFixture.report(id: "a", status: .stopped, started: 9, lastUpdate: 10)
        let late = APIFixture.report(
            id: "b",
            status: .silent(since: .distantPast),
            started: 1,
            lastUpdate: 20
        )
        let same = APIFixture.report(id: "c", status: .completed, started: 1, lastUpdate: 20)
        #expect(NewestActiveRun.choose(among: [late, early])?.id == "b")
        #expect(NewestActiveRun.choose(among: [same, early, late])?.id == "c")
        #expect(NewestActiveRun.choose(among: [late, same])?.id == "c")
        #expect(NewestActiveRun.choose(among: []) == nil)
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }
}
