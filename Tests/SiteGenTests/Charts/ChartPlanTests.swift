import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Chart plan")
struct ChartPlanTests {
    private func plan(_ names: String...) -> [[String]] {
        ChartPlan.charts(for: names.map { ChartPlan.Candidate(name: $0, magnitude: 1) }).map(\.seriesNames)
    }

    @Test("Our trainer's series")
    func ours() {
        let charts = ChartPlan.charts(
            for: [
                ("train/loss", 3.9), ("train/ctc_loss", 1.8), ("train/ce_loss", 5.3),
                ("train/learning_rate", 8e-6),
                ("train/grad_norm", 0.9), ("train/steps_per_second", 3.9), ("system/gpu_util", 97),
                ("system/gpu_memory_gb", 23.7), ("epoch", 3), ("eval/wer", 0.2), ("eval/cer", 0.1),
            ].map { ChartPlan.Candidate(name: $0.0, magnitude: $0.1) }
        )
        #expect(
            charts.map(\.id) == [
                "loss", "error-rate", "learning-rate", "gradient-norm", "speed", "gpu-utilisation",
                "gpu-memory",
            ]
        )
        #expect(charts.first?.seriesNames == ["train/loss", "train/ctc_loss", "train/ce_loss"])
        #expect(charts.first?.title == "Loss")
    }

    @Test(
        "Losses of every spelling share the first chart",
        arguments: [
            ["loss", "eval_loss"], ["train_loss", "val_loss"], ["trainLoss", "validLoss"],
            ["loss/total", "loss/ctc", "loss/ce"], ["train/loss_step", "train/loss_epoch", "val/loss"],
            ["tot_loss", "ctc_loss", "att_loss"],
        ]
    )
    func lossSpellings(names: [String]) {
        let candidates = (["accuracy"] + names).map { ChartPlan.Candidate(name: $0, magnitude: 1) }
        let charts = ChartPlan.charts(for: candidates)
        #expect(charts.first?.seriesNames == names && charts.first?.role == .loss)
        #expect(charts.count == 2)
    }

    @Test(
        "Kinds are recognised in any spelling",
        arguments: [
            ("lr", PlannedChart.Role.learningRate), ("lr-AdamW/pg1", .learningRate),
            ("learningRate", .learningRate),
            ("optim.learning_rate", .learningRate), ("gradNorm", .gradientNorm), ("gnorm", .gradientNorm),
            ("gradients/global_norm", .gradientNorm), ("eval_wer", .errorRate), ("test/CER", .errorRate),
            ("samples_per_second", .speed), ("tokens_per_sec", .speed),
            ("gpu.0.utilization", .gpuUtilisation),
            ("gpu_mem_gb", .gpuMemory), ("system/gpu.0.memoryAllocated", .gpuMemory), ("wandering", .other),
            ("tokens_per_batch", .other), ("power", .other), ("filter", .other),
        ]
    )
    func kinds(name: String, role: PlannedChart.Role) {
        #expect(ChartPlan.charts(for: [ChartPlan.Candidate(name: name, magnitude: 1)]).first?.role == role)
    }

    @Test(
        "Columns that count or date lines are not drawn",
        arguments: [
            "step", "_step", "global_step", "train/global_step", "current_steps", "total_steps", "epoch",
            "time",
            "timestamp", "_runtime", "percentage", "time_ms", "iter", "elapsed_time", "train/epoch",
        ]
    )
    func bookkeeping(name: String) {
        #expect(ChartPlan.isBookkeeping(name))
        #expect(plan(name).isEmpty)
    }

    @Test("Other series group by prefix, by what they measure, or by their first word")
    func groups() {
        #expect(plan("vae/kl", "vae/recon", "gan/d") == [["vae/kl", "vae/recon"], ["gan/d"]])
        #expect(plan("train_acc", "val_acc", "x") == [["train_acc", "val_acc"], ["x"]])
        #expect(plan("train/acc", "eval/acc", "train/z") == [["train/acc", "eval/acc"], ["train/z"]])
        #expect(plan("frac_prob_one", "frac_loss_zero") == [["frac_prob_one", "frac_loss_zero"]])
        #expect(plan("kl_loss", "x", "vae/recon_loss") == [["kl_loss", "vae/recon_loss"], ["x"]])
    }

    @Test("A group whose members differ by orders of magnitude is split")
    func magnitudes() {
        let charts = ChartPlan.charts(
            for: [
                ("sys/temp", 60), ("sys/watts", 300), ("sys/ratio", 0.4), ("sys/share", 0.9), ("sys/none", 0),
            ]
            .map { ChartPlan.Candidate(name: $0.0, magnitude: $0.1) }
        )
        #expect(
            charts.map { Set($0.seriesNames) } == [
                ["sys/temp", "sys/watts"], ["sys/ratio", "sys/share", "sys/none"],
            ]
        )
        #expect(charts.map(\.title) == ["sys", "sys (2)"])
    }

    @Test("Every series is in exactly one chart, whatever the names; ids differ; the plan repeats")
    func complete() {
        var random = SeededRandom.fresh()
        let words = [
            "train", "val", "loss", "ctc", "lr", "gpu", "mem", "wer", "acc", "step", "x", "é", "<b>", "grad",
            "norm", "",
        ]
        for _ in 0..<60 {
            var names = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).compactMap { _ in
                    words.randomElement(using: &random)
                }
                .joined(separator: Bool.random(using: &random) ? "/" : "_")
            }
            names += NamesTests.hostile
            let candidates = names.map { name in
                ChartPlan.Candidate(name: name, magnitude: pow(10, Double.random(in: -8...8, using: &random)))
            }
            let charts = ChartPlan.charts(for: candidates)
            let drawn = charts.flatMap(\.seriesNames)
            #expect(drawn.count == Set(drawn).count, "\(random)")
            #expect(Set(drawn) == Set(names.filter { !ChartPlan.isBookkeeping($0) }), "\(random)")
            #expect(Set(charts.map(\.id)).count == charts.count, "\(random)")
            #expect(
                charts.allSatisfy { (1...ChartPlan.maximumSeriesPerChart).contains($0.seriesNames.count) },
                "\(random)"
            )
            #expect(charts == ChartPlan.charts(for: candidates), "\(random)")
            #expect(charts.map(\.role.rawValue) == charts.map(\.role.rawValue).sorted(), "\(random)")
        }
    }

    @Test("Steps become epochs and times between the knots of the log, and nothing outside them")
    func mapping() throws {
        let knots = [
            AxisKnot(step: 0, epoch: 0, time: 1000), AxisKnot(step: 100, epoch: 1, time: 1060),
            AxisKnot(step: 150, epoch: nil, time: 1090), AxisKnot(step: 300, epoch: 2, time: 1300),
        ]
        let epoch = try #require(AxisMapping(knots, from: .step, to: .epoch))
        #expect(epoch(50) == 0.5 && epoch(200) == 1.5 && epoch(300) == 2)
        #expect(epoch(-1) == nil && epoch(301) == nil && epoch(.nan) == nil)
        let relative = try #require(AxisMapping(knots, from: .step, to: .relative))
        #expect(relative(0) == 0 && relative(125) == 75)
        let wall = try #require(AxisMapping(knots, from: .step, to: .wall))
        #expect(wall.map([DataPoint(x: 100, y: 5), DataPoint(x: 900, y: 6)]) == [DataPoint(x: 1060, y: 5)])
        #expect(AxisMapping([], from: .step, to: .epoch) == nil)
        #expect(AxisMapping([], from: .step, to: .step)?(7) == 7)
    }
}
