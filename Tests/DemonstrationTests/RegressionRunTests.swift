import Foundation
import RunRecords
import Synchronization
import TestSupport
import Testing

@testable import Demonstration

@Suite("Regression run") struct RegressionRunTests {
    @Test("It learns: the validation error falls most of the way to the noise, and the best network is kept")
    func learns() async throws {
        var configuration = RegressionConfiguration()
        configuration.epochs = 10
        configuration.stepsPerEpoch = 60
        configuration.hiddenUnits = 32
        configuration.peakLearningRate = 0.05
        configuration.validationExamples = 256
        configuration.warmupSteps = 30
        configuration.pace = nil
        let (folder, outcome) = try await run(configuration)
        #expect(outcome == .completed)
        let errors = try lines(folder).compactMap { $0["eval/loss"]?.number }
        #expect(errors.count == 10)
        let (first, last) = (try #require(errors.first), try #require(errors.last))
        #expect(last < first / 3)
        #expect(last < 0.06, "the noise alone is 0.01, a constant answer 0.4")

        // The checkpoint is the file that was announced last, whole, and its weights are those of the best epoch.
        let best = try #require(try lines(folder).last { $0["kind"]?.string == "best" })
        let bytes = try folder.read("r/checkpoints/best.safetensors")
        #expect(best["bytes"]?.number == Double(bytes.count))
        #expect(best["path"]?.string == "checkpoints/best.safetensors")
        let headerLength = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONParser.parse(Array(bytes[8..<8 + headerLength]))
        #expect(header["hidden.weight"]?["shape"] == .array([.number(32), .number(4)]))
        #expect(
            header["output.bias"]?["data_offsets"]?.array?.last?.number
                == Double(bytes.count - 8 - headerLength)
        )
        var random = SeededNumbers(seed: 0)
        var network = TwoLayerNetwork(inputs: 4, hidden: 32, random: &random)
        network.parameters = stride(from: 8 + headerLength, to: bytes.count, by: 8).map { start in
            Double(bitPattern: bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        let validation = RegressionProblem(configuration).validation
        #expect(network.loss(validation, 0..<validation.count) == errors.min())
        #expect(folder.exists("r/checkpoints/final.safetensors"))
    }

    @Test("The log and run.json say what it is, follow the format and the plan")
    func log() async throws {
        let (folder, _) = try await run(Self.short)
        let description = try JSONParser.parse(folder.read("r/run.json"))
        #expect(description["name"]?.string == "SGD on a small regression problem")
        #expect(description["total_epochs"]?.number == 3)
        #expect(description["steps_per_epoch"]?.number == 10)
        #expect(description["notes"]?.string?.contains("not a speech recogniser") == true)
        #expect(description["config"]?["optimizer"]?["momentum"]?.number == 0.9)

        let lines = try lines(folder)
        #expect(lines.first?["status"]?.string == "running")
        #expect(lines.last?["status"]?.string == "completed")
        #expect(lines.filter { $0["event"]?.string == "epoch" }.map { $0["epoch"]?.number } == [0, 1, 2])
        let training = lines.filter { $0["train/loss"] != nil }
        #expect(training.map { $0["step"]?.number } == [4, 8, 12, 16, 20, 24, 28, 30])
        for line in training {
            let loss = try #require(line["train/loss"]?.finite)
            let norm = try #require(line["train/grad_norm"]?.finite)
            #expect(loss > 0 && norm > 0)
        }
        for line in lines { #expect(line["time"]?.number == 1_000) }
        let names = Set(lines.flatMap { ($0.members ?? []).map(\.key) })
        #expect(!names.contains { $0.contains("gpu") }, "no graphics card is used, so none is reported")
    }

    @Test("The pace is kept, and measured as the speed")
    func pace() async throws {
        var configuration = Self.short
        configuration.pace = 20
        let clock = SteppingClock()
        let (folder, _) = try await run(configuration, clock: clock)
        // 30 steps at 20 a second: the last one starts 29 twentieths in.
        #expect(clock.now.offset == .seconds(1.45))
        let speeds = try lines(folder).compactMap { $0["train/steps_per_second"]?.number }
        // Every half second, which the steps reach behind the 12th and the 24th.
        #expect(speeds.count == 2)
        #expect(speeds.allSatisfy { abs($0 - 20) < 2 })
        #expect(try lines(folder).contains { $0["system/process_memory_mb"]?.number ?? 0 > 1 })
    }

    @Test("The same seed gives the same losses, whatever the pace; another seed gives others")
    func determinism() async throws {
        var paced = Self.short
        paced.pace = 100
        var other = Self.short
        other.seed += 1
        let losses = try await [Self.short, paced, other].asyncMap { configuration in
            try lines(await run(configuration).folder).compactMap { $0["train/loss"]?.number }
        }
        #expect(losses[0] == losses[1])
        #expect(losses[0] != losses[2])
    }

    @Test("Cancelling stops it between two steps and says so", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let folder = try TemporaryDirectory()
        let writer = try RunLogWriter(runs: folder.path, id: "r", now: { 1_000 })
        var configuration = Self.short
        configuration.pace = 10
        // The wait before step 13 cancels the task that waits.
        let clock = SteppingClock { time in
            if time >= .seconds(1.2) { withUnsafeCurrentTask { $0?.cancel() } }
        }
        let outcome = try await withThrowingTaskGroup(of: RegressionRun.Outcome.self) {
            [configuration] group in
            group.addTask {
                try await RegressionRun(configuration: configuration).run(writer: writer, clock: clock)
            }
            return try await group.next()
        }
        #expect(outcome == .stopped(step: 13))
        let last = try #require(try lines(folder).last)
        #expect(last["status"]?.string == "stopped")
        #expect(last["step"]?.number == 13)
        #expect(folder.exists("r/checkpoints/best.safetensors"))
        #expect(!folder.exists("r/checkpoints/final.safetensors"))
    }

    @Test("A log that cannot be written ends the run with an error")
    func unwritable() async throws {
        let folder = try TemporaryDirectory()
        let writer = try RunLogWriter(runs: folder.path, id: "r")
        try folder.write("", to: "r/checkpoints")
        await #expect(throws: RunRecordsError.self) {
            try await RegressionRun(configuration: Self.short).run(writer: writer)
        }
        #expect(try lines(folder).last?["status"]?.string == "error")
    }

    @Test("The learning rate rises in a line to its peak and falls along a cosine to zero")
    func schedule() {
        let configuration = RegressionConfiguration()
        let rates = (0..<configuration.totalSteps).map(configuration.learningRate)
        #expect(rates[0] == configuration.peakLearningRate / Double(configuration.warmupSteps))
        #expect(rates[configuration.warmupSteps] == configuration.peakLearningRate)
        let middle = configuration.warmupSteps + (configuration.totalSteps - configuration.warmupSteps) / 2
        #expect(abs(rates[middle] - configuration.peakLearningRate / 2) < 1e-12)
        #expect(
            zip(rates[configuration.warmupSteps...], rates[(configuration.warmupSteps + 1)...]).allSatisfy(>)
        )
        #expect((rates.last ?? 1) < 1e-7)
    }

    private static let short: RegressionConfiguration = {
        var configuration = RegressionConfiguration()
        configuration.epochs = 3
        configuration.stepsPerEpoch = 10
        configuration.batchSize = 8
        configuration.validationExamples = 16
        configuration.hiddenUnits = 8
        configuration.warmupSteps = 5
        configuration.pace = nil
        return configuration
    }()

    private func run(
        _ configuration: RegressionConfiguration,
        clock: SteppingClock = SteppingClock()
    ) async throws -> (folder: TemporaryDirectory, outcome: RegressionRun.Outcome) {
        let folder = try TemporaryDirectory()
        let writer = try RunLogWriter(runs: folder.path, id: "r", sync: .never, now: { 1_000 })
        let outcome = try await RegressionRun(configuration: configuration).run(writer: writer, clock: clock)
        return (folder, outcome)
    }

    private func lines(_ folder: TemporaryDirectory) throws -> [JSONValue] {
        try folder.readText("r/metrics.jsonl").split(separator: "\n").map {
            try JSONParser.parse(Array($0.utf8))
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
