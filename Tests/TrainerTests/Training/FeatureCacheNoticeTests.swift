import RunRecords
import SpeechSupport
import Synchronization
import TestSupport
import Testing

@testable import Trainer

/// What a run tells of the features it keeps, and of what it does not do.
@Suite(.timeLimit(.minutes(10))) struct FeatureCacheNoticeTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    private func run(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) async throws -> [String] {
        let messages = Mutex<[String]>([])
        try await TrainingRun(configuration, options).run { event in
            if case .message(let text) = event { messages.withLock { $0.append(text) } }
        }
        return messages.withLock { $0 }
    }

    private func sums(_ lines: [JSONValue], _ name: String) -> [Double: Double] {
        lines.reduce(into: [:]) { sums, line in
            if let value = line["data/features_\(name)"]?.number {
                sums[line["epoch"]?.number ?? -1, default: 0] += value
            }
        }
    }

    /// The headers of the files do not fit any more: found out in the first evaluation, and slow from then on.
    @Test func aFullFolderIsToldOnceAndCounted() async throws {
        var (seconds, data) = (0.0, try language.configuration().data)
        for paths in [data.trainingPaths, data.evaluationPaths] {
            let limits = CorpusLimits(data, tokenCount: nil)
            seconds += try await Corpus.read(paths, format: data.format, limits: limits).totalSeconds
        }
        let byteCount = FeatureCache.estimatedByteCount(seconds: seconds, layerCount: 2, width: 32)
        data.featureCacheGigabytes = Double(byteCount) * 1.02 / 1e9
        let configuration = try language.configuration(
            "data.feature_cache=\(language.folder.path)/features",
            "data.feature_cache_gigabytes=\(data.featureCacheGigabytes)",
            "training.num_epochs=3"
        )
        let options = language.options()
        let messages = try await run(configuration, options)
        let told = try lines(options)
        let alerts = events(told, "alert")
        #expect(alerts.map { $0["title"]?.string } == ["Features are no longer kept"])
        let text = try #require(alerts.first?["text"]?.string)
        #expect(text.hasSuffix("the rest is computed anew each epoch"), "\(text)")
        #expect(messages.filter { $0.hasPrefix("Features are") } == ["Features are no longer kept: \(text)"])
        let (read, computed) = (sums(told, "read"), sums(told, "computed"))
        for epoch in [0.0, 1, 2] { #expect((read[epoch] ?? 0) + (computed[epoch] ?? 0) == 24) }
        #expect(computed[0] == 24)
        #expect(computed[1] == computed[2])
    }

    @Test func withoutAFolderOfFeaturesNothingIsCounted() async throws {
        let options = language.options()
        let half = "training.mixed_precision"
        let first = try await run(try language.configuration("training.max_steps=1", "\(half)=true"), options)
        #expect(first.count { $0.hasPrefix("\(half) has no effect here") } == 1)
        let told = try lines(options)
        #expect(sums(told, "read").isEmpty && sums(told, "computed").isEmpty)
        let second = language.options(runs: "whole")
        let plain = try await run(try language.configuration("training.max_steps=1", "\(half)=false"), second)
        #expect(!plain.contains { $0.contains(half) })
    }
}
