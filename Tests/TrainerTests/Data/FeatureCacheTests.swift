import Audio
import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Trainer

@Suite struct FeatureCacheTests {
    private let folder: TemporaryDirectory
    private let utterance: Utterance

    init() throws {
        folder = try TemporaryDirectory()
        try folder.write(Array("sound".utf8), to: "a.flac")
        utterance = Utterance(id: "a", audioPath: folder.path(of: "a.flac"), text: "a", durationSeconds: 1)
    }

    private func cache(_ model: String = "wavlm", budget: Int = 1 << 30) throws -> FeatureCache {
        try FeatureCache(folder: folder.path(of: "cache"), model: model, budgetByteCount: budget)
    }

    private func values(_ count: Int, _ random: inout SeededRandom) -> [Float] {
        (0..<count).map { _ in Float.random(in: -8...8, using: &random) }
    }

    private func files() throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path(of: "cache"))
        return all.filter { $0.hasSuffix(".safetensors") }
    }

    @Test func featuresComeBackRoundedToHalf() throws {
        var random = SeededRandom.fresh()
        let cache = try cache()
        #expect(cache.find(utterance) == nil)
        var values = values(3 * 7 * 5, &random)
        values[0] = 0
        values[1] = 1e9
        values[2] = 3e-6
        #expect(try cache.store(values, shape: [3, 7, 5], for: utterance))
        let found = try #require(cache.find(utterance))
        #expect(found.shape == [3, 7, 5])
        #expect(found.elementType == .float16)
        let floats = found.floats()
        #expect(floats[0] == 0)
        #expect(floats[1] == .infinity)
        for (read, written) in zip(floats, values).dropFirst(2) {
            // Half of the last of 11 binary places, or of the smallest number.
            #expect(abs(read - written) <= max(abs(written) * 0x1p-11, 0x1p-25), "\(random)")
        }
        let statistics = cache.statistics
        #expect((statistics.hits, statistics.misses, statistics.damaged, statistics.stored) == (1, 1, 0, 1))
        // A further process finds it, and knows how much there is.
        let other = try self.cache()
        #expect(other.find(utterance)?.floats() == floats)
        #expect(abs(other.statistics.byteCount - statistics.byteCount) <= 1024)
    }

    @Test func whateverFeaturesDependOnMakesOthers() throws {
        let cache = try cache()
        try cache.store([1, 2, 3, 4], shape: [1, 2, 2], for: utterance)
        #expect(cache.find(utterance) != nil)
        #expect(cache.find(utterance, speedPercent: 90) == nil)
        #expect(try self.cache("another model").find(utterance) == nil)
        var other = utterance
        other.id = "b"
        #expect(cache.find(other) == nil)
        try folder.write(Array("other sound".utf8), to: "a.flac")
        #expect(cache.find(utterance) == nil)
        try folder.remove("a.flac")
        #expect(cache.find(utterance) == nil)
        #expect(try !cache.store([1, 2, 3, 4], shape: [1, 2, 2], for: utterance))
        #expect(cache.statistics.damaged == 0)
    }

    /// Every byte of a file counts: a change is found out, and the features can be computed and kept again.
    @Test func damageIsFoundOut() throws {
        var random = SeededRandom.fresh()
        let cache = try cache()
        let values = values(2 * 3 * 4, &random)
        try cache.store(values, shape: [2, 3, 4], for: utterance)
        let name = try #require(try files().first)
        let original = try folder.read("cache/\(name)")
        let expected = try #require(cache.find(utterance)).floats()
        for position in original.indices {
            var bytes = original
            bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
            try folder.write(bytes, to: "cache/\(name)")
            // Spaces and the case of an escape's digits mean nothing in JSON; anything else is refused.
            if let found = cache.find(utterance) {
                #expect(found.floats() == expected, "byte \(position), \(random)")
                #expect(try header(of: bytes) == header(of: original), "byte \(position), \(random)")
            }
        }
        for length in [0, 1, 8, 100, original.count - 1] {
            try folder.write(Array(original.prefix(length)), to: "cache/\(name)")
            #expect(cache.find(utterance) == nil)
        }
        #expect(cache.statistics.damaged > original.count / 2)
        try cache.store(values, shape: [2, 3, 4], for: utterance)
        #expect(try folder.read("cache/\(name)") == original)
        #expect(cache.find(utterance)?.floats() == expected)
    }

    /// What the header of a safetensors file says.
    private func header(of bytes: [UInt8]) throws -> NSDictionary? {
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let json = Data(bytes.dropFirst(8).prefix(length))
        return try JSONSerialization.jsonObject(with: json) as? NSDictionary
    }

    @Test func aFullFolderIsToldOnceAndTrainingGoesOn() throws {
        let cache = try cache(budget: 3000)
        #expect(try cache.store([Float](repeating: 1, count: 500), shape: [1, 5, 100], for: utterance))
        #expect(
            try !cache.store(
                [Float](repeating: 1, count: 500),
                shape: [1, 5, 100],
                for: utterance,
                speedPercent: 90
            )
        )
        let path = folder.path(of: "cache")
        #expect(
            cache.statistics.refusal
                == "\(path): 0.0 MB are kept, and data.feature_cache_gigabytes allows 0.0 MB; the rest is computed anew "
                + "each epoch"
        )
        #expect(cache.find(utterance) != nil)
        #expect(try files().count == 1)
    }

    @Test func roomIsAskedForBeforehand() throws {
        // train-clean-100 by WavLM base: 100.6 hours.
        let bytes = FeatureCache.estimatedByteCount(seconds: 362_160, layerCount: 12, width: 768)
        #expect(bytes == 333_766_656_000)
        let cache = try cache(budget: 100_000_000_000)
        try cache.requireRoom(forByteCount: 1_000_000)
        do {
            try cache.requireRoom(forByteCount: bytes)
            Issue.record("there is no such room")
        } catch {
            #expect(
                "\(error)"
                    == "\(folder.path(of: "cache")): features of all utterances take about 333.8 GB, and "
                    + "data.feature_cache_gigabytes allows 100.0 GB; raise it, learn from fewer recordings, or write "
                    + "data.feature_cache: null"
            )
        }
        let endless = try self.cache(budget: .max)
        do {
            try endless.requireRoom(forByteCount: 1 << 60)
            Issue.record("there is no such disk")
        } catch {
            #expect("\(error)".contains("are free on that disk; free some space, choose another folder"))
        }
    }

    @Test func aFolderThatCannotBeUsedIsTold() throws {
        try folder.write("a file", to: "cache")
        do {
            _ = try cache()
            Issue.record("it was opened")
        } catch {
            let expected =
                "\(folder.path(of: "cache")): cannot create the folder: Not a directory; a file stands where a folder is "
                + "needed; move it away"
            #expect("\(error)" == expected)
        }
    }

    @Test func leftoversOfKilledProcessesAreRemoved() throws {
        try folder.write([1, 2, 3], to: "cache/ab/.voxsite-tmp-1-1")
        try folder.write([1, 2, 3], to: "cache/ab/.voxsite-tmp-1-2")
        let hoursAgo = Date(timeIntervalSinceNow: -7300)
        let old = folder.path(of: "cache/ab/.voxsite-tmp-1-1")
        try FileManager.default.setAttributes([.modificationDate: hoursAgo], ofItemAtPath: old)
        #expect(try cache().statistics.byteCount == 3)
        #expect(!folder.exists("cache/ab/.voxsite-tmp-1-1"))
        #expect(folder.exists("cache/ab/.voxsite-tmp-1-2"))
    }

    /// Two caches of one folder, as two processes have them, writing and reading the same entries at once.
    @Test func manyMayShareAFolder() async throws {
        let caches = try [cache(), cache()]
        let utterance = utterance
        let values = (0..<3000).map { Float($0 % 97) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    let cache = caches[worker % 2]
                    for round in 0..<25 {
                        let speed = 90 + round % 3
                        try cache.store(values, shape: [3, 10, 100], for: utterance, speedPercent: speed)
                        #expect(cache.find(utterance, speedPercent: speed)?.floats() == values)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(caches.allSatisfy { $0.statistics.damaged == 0 })
        #expect(try files().count == 3)
    }

    @Test func featuresArePaddedToTheLongest() throws {
        let short = try StoredTensor(roundingToHalf: [1, 2, 3, 4], shape: [2, 1, 2])
        let long = try StoredTensor(roundingToHalf: (0..<12).map { Float($0) }, shape: [2, 3, 2])
        let padded = try PaddedFeatures([short, long], rows: [0, 2])
        #expect(padded.shape == [2, 2, 3, 2])
        #expect(padded.frameCounts == [1, 3])
        #expect(padded.rows == [0, 2])
        #expect(padded.values == [1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0] + (0..<12).map { Float($0) })
        let other = try StoredTensor(roundingToHalf: [1, 2, 3], shape: [1, 1, 3])
        #expect(throws: TrainerError.self) { try PaddedFeatures([short, other], rows: [0, 1]) }
        #expect(try PaddedFeatures([], rows: []).values == [])
    }

    /// Recordings of which features were kept are not decoded.
    @Test func theLoaderTakesKeptFeatures() async throws {
        let sounds = try TestCorpus.folder(seconds: [0.5, 0.5, 0.5, 0.5])
        let corpus = try await Corpus.read([sounds.path], format: .librispeech, limits: CorpusLimits())
        let cache = try cache()
        for utterance in corpus.utterances.dropLast() {
            try cache.store([Float](repeating: 2, count: 24), shape: [2, 3, 4], for: utterance)
        }
        let plan = BatchPlan(inOrderOf: corpus, limits: BatchLimits(maximumCount: 2))
        let loader = BatchLoader(corpus, maximumSeconds: 30, features: cache, encode: TestCorpus.encode)
        try await loader.withBatches(of: plan) { sequence in
            let first = try #require(try await sequence.next())
            #expect(first.features?.rows == [0, 1])
            #expect(first.features?.shape == [2, 2, 3, 4])
            #expect(first.features?.values == [Float](repeating: 2, count: 48))
            #expect(first.waveforms == nil)
            let second = try #require(try await sequence.next())
            #expect(second.features?.rows == [0])
            #expect(second.features?.shape == [1, 2, 3, 4])
            #expect(second.waveforms?.rows == [1])
            #expect(second.waveforms?.sampleCounts == [8000])
            #expect(second.waveforms?.samples.count == 8000)
            #expect(second.totalSeconds == 1)
        }
    }
}
