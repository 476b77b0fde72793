import Testing

@testable import SiteGen

@Suite("Known metrics") struct KnownMetricTests {
    @Test(
        "Spellings of other programs",
        arguments: [
            ("train/loss", .loss), ("Train_Loss", .loss), ("loss", .loss), ("train/ctc_loss", .ctcLoss),
            ("lr", .learningRate), ("lr-AdamW", .learningRate), ("gnorm", .gradientNorm),
            ("eval_wer", .wordErrorRate),
            ("valid WER", .wordErrorRate), ("val_loss", .validationLoss),
            ("system/gpu_util", .gpuUtilisation),
            ("system/gpu_memory_gb", .gpuMemory),
        ] as [(String, KnownMetric)]
    )
    func spellings(name: String, metric: KnownMetric) {
        #expect(KnownMetric.named(name) == metric)
    }

    @Test(
        "Names that only look like one are none",
        arguments: [
            "", "xloss", "losses2", "loss2", "löss", "los\u{301}s", "/",
            String(repeating: "loss", count: 5_000),
        ]
    )
    func strangers(name: String) { #expect(KnownMetric.named(name) == nil) }

    @Test("A part of the loss is not the loss, and neither is the loss of validation")
    func losses() {
        #expect(KnownMetric.named("train/att_loss") == .ceLoss)
        #expect(KnownMetric.named("loss/ctc") == .ctcLoss)
        #expect(KnownMetric.named("ctc") == .ctcLoss)
        #expect(KnownMetric.named("train_avg_loss") == .loss)
        #expect(KnownMetric.named("eval/loss") == .validationLoss)
        #expect(KnownMetric.named("eval/ctc_loss") == nil)
        #expect(KnownMetric.named("train/aux_loss") == nil)
    }

    @Test("Speed is steps in a second, of training")
    func speed() {
        #expect(KnownMetric.named("train/steps_per_second") == .stepsPerSecond)
        #expect(KnownMetric.named("iterations_per_sec") == .stepsPerSecond)
        #expect(KnownMetric.named("eval_steps_per_second") == nil)
        #expect(KnownMetric.named("tokens_per_second") == nil)
    }

    @Test("Of several spellings in one run the likeliest is taken, wherever it stands")
    func precedence() {
        let report = APIFixture.report(
            id: "r",
            series: ["train_avg_loss", "loss", "train/loss", "gpu_0_mem", "lr_1", "lr"].map {
                APIFixture.series($0, [(0, 1)])
            }
        )
        #expect(KnownMetric.loss.series(in: report)?.name == "train/loss")
        #expect(KnownMetric.learningRate.series(in: report)?.name == "lr")
        #expect(KnownMetric.gpuMemory.series(in: report)?.name == "gpu_0_mem")
        #expect(KnownMetric.wordErrorRate.series(in: report) == nil)
    }
}
