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
            "", "xloss", "losses", "loss2", "löss", "los\u{301}s", "/",
            String(repeating: "loss", count: 5_000),
        ]
    )
    func strangers(name: String) { #expect(KnownMetric.named(name) == nil) }

    @Test("No spelling stands for two metrics")
    func unambiguous() {
        var owners: [String: KnownMetric] = [:]
        for metric in KnownMetric.allCases {
            for spelling in metric.spellings {
                let owner = owners.updateValue(metric, forKey: KnownMetric.fold(spelling))
                #expect(owner == nil || owner == metric, "\(spelling)")
            }
        }
    }

    @Test("Of several spellings in one run the likeliest is taken, wherever it stands")
    func precedence() {
        let report = APIFixture.report(
            id: "r",
            series: [APIFixture.series("loss", [(0, 1)]), APIFixture.series("train/loss", [(0, 2)])]
        )
        #expect(KnownMetric.loss.series(in: report)?.name == "train/loss")
        #expect(KnownMetric.gpuMemory.series(in: report) == nil)
    }
}
