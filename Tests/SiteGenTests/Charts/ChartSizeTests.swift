import Foundation
import Testing

@testable import SiteGen

@Suite("Chart sizes")
struct ChartSizeTests {
    /// A million steps, seven noisy series: the worst a page commonly holds.
    private var series: [SeriesReport] {
        func fall(_ from: Double, _ to: Double) -> (Double) -> Double { { to + (from - to) * exp(-6 * $0) } }
        return [
            ChartFixtures.noisyMillion("train/loss", trend: fall(7, 0.4), noise: 0.15, seed: 1),
            ChartFixtures.noisyMillion("train/ctc_loss", trend: fall(3, 0.2), noise: 0.15, seed: 2),
            ChartFixtures.noisyMillion("train/ce_loss", trend: fall(9, 0.6), noise: 0.15, seed: 3),
            ChartFixtures.noisyMillion("train/learning_rate", trend: fall(1e-4, 1e-6), noise: 0.1, seed: 4),
            ChartFixtures.noisyMillion("train/grad_norm", trend: fall(2, 0.8), noise: 0.2, seed: 5),
            ChartFixtures.noisyMillion("system/gpu_util", trend: { _ in 90 }, noise: 0.03, seed: 6),
            ChartFixtures.noisyMillion("system/gpu_memory_gb", trend: { _ in 23 }, noise: 0.02, seed: 7),
        ]
    }

    @Test("All charts of a million noisy steps fit a page of 300 kB")
    func pageOfNoise() throws {
        let series = series
        var all: [UInt8] = []
        for plan in ChartPlan.charts(for: series) {
            let reports = plan.seriesNames.compactMap { name in series.first { $0.name == name } }
            ChartFixtures.chart(reports, id: plan.id, title: plan.title, role: plan.role).append(to: &all)
        }
        print("seven noisy series: \(all.count) bytes of charts")
        if let path = ProcessInfo.processInfo.environment["VOXSITE_CHART_DUMP"] {
            try Data(all).write(to: URL(filePath: path))
        }
        #expect(all.count <= 240_000)
        #expect(all.count > 40_000, "the fixture is noisy, so its lines cannot be this short")
    }

    @Test("No path has more than 4,000 vertices")
    func vertexLimit() {
        for report in series {
            let html = ChartFixtures.html(ChartFixtures.chart([report]))
            for path in html.split(separator: " d=\"").dropFirst() {
                let data = path.prefix { $0 != "\"" }
                let numbers = data.split { !($0.isNumber) }.count
                #expect(numbers / 2 <= 4000, "\(report.name)")
            }
        }
    }
}
