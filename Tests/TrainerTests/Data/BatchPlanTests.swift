import TestSupport
import Testing

@testable import Trainer

@Suite struct BatchPlanTests {
    private func speed(_ percent: Int) -> Double { 100 / Double(percent) }

    /// Every utterance exactly once, both caps kept, for any lengths and caps.
    @Test func everyUtteranceIsInOneBatchWithinTheLimits() {
        var random = SeededRandom.fresh()
        for _ in 0..<40 {
            let lengths = TestCorpus.lengths(Int.random(in: 0...300, using: &random), &random)
            let corpus = TestCorpus.lengths(lengths)
            let limits = BatchLimits(
                maximumCount: Int.random(in: 1...20, using: &random),
                maximumSeconds: Double.random(in: 20...300, using: &random)
            )
            let seed = UInt64.random(in: 0...(.max), using: &random)
            let perturbation =
                Bool.random(using: &random) ? SpeedPerturbation(seed: seed, maximumSeconds: 30) : nil
            let plan = BatchPlan(corpus, limits: limits, seed: seed, epoch: 3, speed: perturbation)
            #expect(plan.batches.joined().map(\.index).sorted() == Array(lengths.indices), "\(random)")
            for batch in plan.batches {
                let seconds = batch.map { lengths[$0.index] * speed($0.speedPercent) }
                #expect((1...limits.maximumCount).contains(batch.count), "\(random)")
                let padded = (seconds.max() ?? 0) * Double(batch.count)
                #expect(padded <= limits.maximumSeconds || batch.count == 1, "\(random)")
                #expect(seconds.allSatisfy { $0 <= 30 }, "\(random)")
                if perturbation == nil { #expect(batch.allSatisfy { $0.speedPercent == 100 }) }
            }
            let again = BatchPlan(corpus, limits: limits, seed: seed, epoch: 3, speed: perturbation)
            #expect(again == plan, "\(random)")
        }
    }

    @Test func epochsAndSeedsDiffer() {
        var random = SeededRandom(seed: 1)
        let corpus = TestCorpus.lengths(TestCorpus.lengths(200, &random))
        let limits = BatchLimits(maximumCount: 8)
        let first = BatchPlan(corpus, limits: limits, seed: 1, epoch: 0)
        #expect(first.batches != BatchPlan(corpus, limits: limits, seed: 1, epoch: 1).batches)
        #expect(first.batches != BatchPlan(corpus, limits: limits, seed: 2, epoch: 0).batches)
        // Who is with whom differs, too, not the order of batches alone.
        let second = BatchPlan(corpus, limits: limits, seed: 1, epoch: 1)
        let sets = Set(first.batches.map { Set($0.map(\.index)) })
        #expect(second.batches.filter { sets.contains(Set($0.map(\.index))) }.count < 5)
    }

    /// The figures of train-clean-100: 28,539 utterances make 3,568 batches of 8, and little of them is padding.
    @Test func batchesOfSimilarLengthHaveLittlePadding() {
        var random = SeededRandom(seed: 2)
        let lengths = TestCorpus.lengths(28_539, &random)
        let plan = BatchPlan(
            TestCorpus.lengths(lengths),
            limits: BatchLimits(maximumCount: 8),
            seed: 1,
            epoch: 0
        )
        #expect(plan.batches.count == 3568)
        let padded = plan.batches.reduce(0) { sum, batch in
            sum + (batch.map { lengths[$0.index] }.max() ?? 0) * Double(batch.count)
        }
        #expect(padded / lengths.reduce(0, +) < 1.04)
    }

    /// A run that goes on must find the same plan, whatever version of Swift it was built with.
    @Test func thePlanIsWhatItAlwaysWas() {
        let corpus = TestCorpus.lengths([1, 5, 1.01, 5.1, 9, 1.02, 9.3, 5.05])
        let limits = BatchLimits(maximumCount: 3, maximumSeconds: 15.3)
        let speed = SpeedPerturbation(seed: 7, maximumSeconds: 30)
        let plan = BatchPlan(corpus, limits: limits, seed: 7, epoch: 1, speed: speed)
        let text = plan.batches.map { batch in
            batch.map { "\($0.index)@\($0.speedPercent)" }.joined(separator: " ")
        }
        assertSnapshot(text.joined(separator: "\n") + "\n", as: "plan.txt")
    }

    @Test func aChangedCorpusIsSeen() {
        let corpus = TestCorpus.lengths([1, 2, 3])
        #expect(corpus.fingerprint == TestCorpus.lengths([1, 2, 3]).fingerprint)
        #expect(corpus.fingerprint != TestCorpus.lengths([1, 2]).fingerprint)
        #expect(corpus.fingerprint != TestCorpus.lengths([1, 3, 2]).fingerprint)
        #expect(corpus.fingerprint != Corpus(utterances: corpus.utterances.reversed()).fingerprint)
        var other = corpus.utterances
        other[0].text = "b"
        #expect(corpus.fingerprint != Corpus(utterances: other).fingerprint)
    }

    @Test func evaluationHasNoChance() {
        let plan = BatchPlan(
            inOrderOf: TestCorpus.lengths([1, 3, 2, 3]),
            limits: BatchLimits(maximumCount: 3)
        )
        #expect(plan.batches.map { $0.map(\.index) } == [[1, 3, 2], [0]])
    }

    @Test func limitsComeFromTheConfiguration() throws {
        let configuration = try TrainingConfigurationTests.stage(1)
        #expect(BatchLimits(configuration) == BatchLimits(maximumCount: 8, maximumSeconds: 240))
        let other = try TrainingConfigurationTests.stage(1, overrides: ["data.max_batch_seconds=100"])
        #expect(BatchLimits(other) == BatchLimits(maximumCount: 8, maximumSeconds: 100))
    }

    @Test func everySpeedIsAsLikely() {
        let speed = SpeedPerturbation(seed: 3, maximumSeconds: 30)
        var counts: [Int: Int] = [:]
        for number in 0..<3000 {
            let utterance = Utterance(id: "u\(number)", audioPath: "", text: "", durationSeconds: 10)
            counts[speed.percent(for: utterance, epoch: 0), default: 0] += 1
        }
        #expect(Set(counts.keys) == [90, 100, 110])
        #expect(counts.values.allSatisfy { (900...1100).contains($0) })
        let long = Utterance(id: "a", audioPath: "", text: "", durationSeconds: 29)
        let short = Utterance(id: "a", audioPath: "", text: "", durationSeconds: 0.026)
        for epoch in 0..<100 {
            #expect(speed.percent(for: long, epoch: epoch) != 90)
            #expect(speed.percent(for: short, epoch: epoch) != 110)
        }
    }
}
