import Audio
import Synchronization
import TestSupport
import Testing

@testable import Trainer

@Suite(.timeLimit(.minutes(10))) struct BatchLoaderTests {
    private struct Stop: Error {}

    /// How often something happened.
    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    private func corpus(_ folder: TemporaryDirectory) async throws -> Corpus {
        try await Corpus.read([folder.path], format: .librispeech, limits: CorpusLimits())
    }

    private func batches(
        _ corpus: Corpus,
        _ plan: BatchPlan,
        workerCount: Int,
        from first: Int = 0
    ) async throws -> (batches: [TrainingBatch], skipped: SkipTally) {
        let loader = BatchLoader(
            corpus,
            maximumSeconds: 30,
            workerCount: workerCount,
            encode: TestCorpus.encode
        )
        return try await loader.withBatches(of: plan, from: first) { sequence in
            var batches: [TrainingBatch] = []
            while let batch = try await sequence.next() { batches.append(batch) }
            // Behind the last batch there is nothing to wait for.
            #expect(sequence.secondsWaited > 0 || batches.isEmpty)
            return (batches, sequence.skipped)
        }
    }

    @Test(arguments: [1, 2, 7])
    func batchesComeInTheOrderOfThePlan(workerCount: Int) async throws {
        let folder = try TestCorpus.folder(seconds: (0..<14).map { 0.1 + 0.05 * Double($0) })
        let corpus = try await corpus(folder)
        let speed = SpeedPerturbation(seed: 5, maximumSeconds: 30)
        let plan = BatchPlan(corpus, limits: BatchLimits(maximumCount: 3), seed: 5, epoch: 2, speed: speed)
        let (batches, skipped) = try await batches(corpus, plan, workerCount: workerCount)
        #expect(skipped.total == 0)
        #expect(batches.map(\.position) == Array(plan.batches.indices))
        for (batch, entries) in zip(batches, plan.batches) {
            #expect(batch.epoch == 2)
            #expect(batch.items.map(\.utterance) == entries.map { corpus.utterances[$0.index] })
            #expect(batch.items.map(\.speedPercent) == entries.map(\.speedPercent))
            #expect(batch.items.map(\.targets) == batch.items.map { TestCorpus.encode($0.utterance.text) })
            let waveforms = try #require(batch.waveforms)
            let (counts, longest, samples) = (
                waveforms.sampleCounts, waveforms.sampleCount, waveforms.samples
            )
            #expect(waveforms.rows == Array(batch.items.indices))
            #expect(longest == counts.max())
            #expect(samples.count == longest * counts.count)
            for (row, item) in batch.items.enumerated() {
                let seconds = Double(counts[row]) / 16_000
                let expected = item.utterance.durationSeconds * 100 / Double(item.speedPercent)
                #expect(abs(seconds - expected) < 1e-4)
                let part = samples[row * longest..<(row + 1) * longest]
                #expect(part.prefix(counts[row]).contains { abs($0) > 0.3 })
                #expect(part.dropFirst(counts[row]).allSatisfy { $0 == 0 })
            }
        }
    }

    /// A run that goes on hears exactly what it would have heard, to the last bit.
    @Test func goingOnInTheMiddleGivesTheSameBatches() async throws {
        let folder = try TestCorpus.folder(seconds: (0..<12).map { 0.1 + 0.02 * Double($0) })
        let corpus = try await corpus(folder)
        let speed = SpeedPerturbation(seed: 1, maximumSeconds: 30)
        let plan = BatchPlan(corpus, limits: BatchLimits(maximumCount: 2), seed: 1, epoch: 0, speed: speed)
        let (whole, _) = try await batches(corpus, plan, workerCount: 3)
        let (rest, _) = try await batches(corpus, plan, workerCount: 1, from: 4)
        #expect(rest.map(\.position) == [4, 5])
        #expect(rest.map(\.items) == whole.dropFirst(4).map(\.items))
        #expect(rest.map(\.waveforms) == whole.dropFirst(4).map(\.waveforms))
        let (nothing, _) = try await batches(corpus, plan, workerCount: 3, from: 99)
        #expect(nothing.isEmpty)
    }

    /// What breaks after the corpus was read is left out, counted, and changes no other batch.
    @Test(arguments: [1, 4])
    func damagedRecordingsAreLeftOut(workerCount: Int) async throws {
        let folder = try TestCorpus.folder(seconds: (0..<9).map { 0.5 + 0.01 * Double($0) })
        let corpus = try await corpus(folder)
        let plan = BatchPlan(inOrderOf: corpus, limits: BatchLimits(maximumCount: 2))
        let flac = try folder.read("10/100/10-100-0001.flac")
        try folder.write(Array(flac.prefix(flac.count / 2)), to: "10/100/10-100-0001.flac")
        try folder.remove("10/101/10-101-0000.flac")
        // The shortest one is alone in its batch, which then is passed over, as is one of which both are broken.
        try folder.write("no sound", to: "10/100/10-100-0000.flac")
        let long = try AudioWriter.encode(TestCorpus.tone(1, seconds: 31), as: .flac16)
        try folder.write(long, to: "10/101/10-101-0001.flac")
        let (batches, skipped) = try await batches(corpus, plan, workerCount: workerCount)
        #expect(skipped.counts == [.damaged: 2, .missingAudio: 1, .tooLong: 1])
        #expect(batches.map(\.position) == [0, 1, 3])
        #expect(batches.map(\.items.count) == [2, 2, 1])
        let broken = ["10-100-0000", "10-100-0001", "10-101-0000", "10-101-0001"]
        #expect(!batches.flatMap(\.items).contains { broken.contains($0.utterance.id) })
    }

    /// No more batches than allowed are prepared ahead, and none once the body is left.
    @Test func lookAheadIsBoundedAndEndsWithTheBody() async throws {
        let folder = try TestCorpus.folder(seconds: [Double](repeating: 0.1, count: 24))
        let corpus = try await corpus(folder)
        let plan = BatchPlan(inOrderOf: corpus, limits: BatchLimits(maximumCount: 2))
        let encoded = Counter()
        let loader = BatchLoader(corpus, maximumSeconds: 30, workerCount: 3) { text in
            encoded.add()
            return TestCorpus.encode(text)
        }
        await #expect(throws: Stop.self) {
            try await loader.withBatches(of: plan) { sequence in
                _ = try await sequence.next()
                throw Stop()
            }
        }
        // One batch was given out and three more may have been begun.
        #expect((2...8).contains(encoded.count))
        let after = encoded.count
        _ = try await loader.withBatches(of: plan) { sequence in try await sequence.next() }
        #expect(encoded.count <= after + 8)
    }

    @Test func cancellingEndsIt() async throws {
        let folder = try TestCorpus.folder(seconds: [Double](repeating: 0.1, count: 24))
        let corpus = try await corpus(folder)
        let plan = BatchPlan(inOrderOf: corpus, limits: BatchLimits(maximumCount: 1))
        let loader = BatchLoader(corpus, maximumSeconds: 30, workerCount: 2, encode: TestCorpus.encode)
        let received = Counter()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await loader.withBatches(of: plan) { sequence in
                        while try await sequence.next() != nil {
                            received.add()
                            withUnsafeCurrentTask { $0?.cancel() }
                        }
                    }
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            for await wasCancelled in group { #expect(wasCancelled) }
        }
        #expect(received.count == 1)
    }

    /// 90 % of the speed takes 1/0.9 of the time and lowers every pitch.
    @Test func speedChangesLengthAndPitch() throws {
        let tone = TestCorpus.tone(50, seconds: 1)
        func crossings(_ samples: [Float]) -> Int {
            zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
        }
        for (percent, count) in [(90, 17_778), (100, 16_000), (110, 14_545)] {
            let samples = try SpeedPerturbation.samples(tone, atPercent: percent)
            #expect(samples.count == count)
            // The number of periods stays: 850 in a second of the original.
            #expect(abs(crossings(samples) - 850) <= 1)
        }
    }
}
