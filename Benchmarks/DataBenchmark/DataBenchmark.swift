import Audio
import Files
import TensorCore
import Trainer

/// How fast training data is read: `DataBenchmark FOLDER` makes a corpus there and prints one JSON object a line.
///
/// The folder should be empty and have 2 GB of room; what was written is not removed.
@main
enum DataBenchmark {
    /// As in train-clean-100 on average.
    private static let seconds = 12.7
    private static let utteranceCount = 160

    /// Measures everything.
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: DataBenchmark FOLDER")
            return
        }
        let folder = CommandLine.arguments[1]
        try makeCorpus(folder)
        let corpus = try await measure("corpus", unit: "recordings", count: Double(utteranceCount)) {
            try await Corpus.read([folder], format: .librispeech, limits: CorpusLimits())
        }
        try await plan()
        try await load(corpus)
        try await features(corpus, folder)
    }

    /// Runs once and prints how long it took and how much was done in a second.
    @discardableResult
    private static func measure<Result>(
        _ name: String,
        unit: String,
        count: Double,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let begin = ContinuousClock.now
        let result = try await body()
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        print(
            "{\"name\":\"\(name)\",\"seconds\":\(seconds),\"unit\":\"\(unit)\",\"per_second\":\(count / seconds)}"
        )
        return result
    }

    /// Noise that swells and fades, which FLAC makes about as small as speech.
    private static func makeCorpus(_ folder: String) throws {
        var state: UInt32 = 1
        let count = Int(seconds * 16_000)
        try FileSystem.createDirectories("\(folder)/1/2")
        var lines = ""
        for number in 0..<utteranceCount {
            let samples = (0..<count).map { index -> Float in
                state = state &* 1_664_525 &+ 1_013_904_223
                let swell = Float(index % 4000) / 4000
                return Float(Int32(bitPattern: state) >> 16) / 32_768 * 0.1 * swell * swell
            }
            let signal = AudioSignal(samples: samples, sampleRateHz: 16_000)
            try AudioWriter.write(signal, to: "\(folder)/1/2/1-2-\(number).flac", as: .flac16)
            lines += "1-2-\(number) THE QUICK BROWN FOX\n"
        }
        try AtomicFile.write(Array(lines.utf8), to: "\(folder)/1/2/1-2.trans.txt")
    }

    private static func plan() async throws {
        let corpus = Corpus(
            utterances: (0..<28_539).map {
                Utterance(
                    id: "\($0)",
                    audioPath: "",
                    text: "",
                    durationSeconds: 1 + Double($0 &* 7919 % 1500) / 100
                )
            }
        )
        try await measure("plan", unit: "utterances", count: 28_539) {
            BatchPlan(
                corpus,
                limits: BatchLimits(maximumCount: 8),
                seed: 1,
                epoch: 0,
                speed: SpeedPerturbation(seed: 1, maximumSeconds: 30)
            )
        }
    }

    private static func load(_ corpus: Corpus) async throws {
        for (name, isPerturbed) in [("load", false), ("load at three speeds", true)] {
            for workerCount in [1, 4] {
                let plan = BatchPlan(
                    corpus,
                    limits: BatchLimits(maximumCount: 8),
                    seed: 1,
                    epoch: 0,
                    speed: isPerturbed ? SpeedPerturbation(seed: 1, maximumSeconds: 30) : nil
                )
                let loader = BatchLoader(corpus, maximumSeconds: 30, workerCount: workerCount) { _ in [] }
                try await measure(
                    "\(name), \(workerCount) at once",
                    unit: "seconds of sound",
                    count: corpus.totalSeconds
                ) { try await drain(loader, plan) }
            }
        }
    }

    private static func drain(_ loader: BatchLoader, _ plan: BatchPlan) async throws {
        try await loader.withBatches(of: plan) { sequence in
            while try await sequence.next() != nil {}
        }
    }

    /// Features of WavLM base: 12 layers, 50 frames a second, 768 wide.
    private static func features(_ corpus: Corpus, _ folder: String) async throws {
        let cache = try FeatureCache(
            folder: "\(folder)/features",
            model: "benchmark",
            budgetByteCount: 4_000_000_000
        )
        let shape = [12, Int(seconds * 50), 768]
        let values = (0..<shape.reduce(1, *)).map { Float($0 % 1000) / 500 - 1 }
        let megabytes = Double(values.count * 2) / 1e6 * Double(corpus.utterances.count)
        try await measure("keep features", unit: "MB", count: megabytes) {
            for utterance in corpus.utterances { try cache.store(values, shape: shape, for: utterance) }
        }
        try await measure("find and check features", unit: "MB", count: megabytes) {
            for utterance in corpus.utterances { _ = cache.find(utterance) }
        }
        try await measure("find, check and convert features", unit: "MB", count: megabytes) {
            for utterance in corpus.utterances { _ = cache.find(utterance)?.floats() }
        }
        let plan = BatchPlan(corpus, limits: BatchLimits(maximumCount: 8), seed: 1, epoch: 0)
        for workerCount in [1, 4] {
            let loader = BatchLoader(
                corpus,
                maximumSeconds: 30,
                workerCount: workerCount,
                features: cache
            ) { _ in [] }
            try await measure("load features, \(workerCount) at once", unit: "MB", count: megabytes) {
                try await drain(loader, plan)
            }
        }
    }
}
