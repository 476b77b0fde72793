import Files
import Foundation
import RunRecords
import SpeechSupport
import Synchronization
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// Recordings that are there when a run begins, and cannot be read later.
@Suite(.timeLimit(.minutes(10))) struct UnreadRecordingTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    @Test(arguments: [(0, 0, false), (2, 24, false), (3, 24, true), (1, 9, true), (1, 10, false)])
    func aTenthMayBeMissing(unreadCount: Int, count: Int, isExceeded: Bool) {
        #expect(UnreadLimit.isExceeded(unreadCount, of: count) == isExceeded)
    }

    @Test(arguments: [
        (1, 9, false), (2, 9, false), (3, 9, true), (2, 2, true), (1, 1, true), (0, 0, false),
        (10, 100, false),
    ])
    func aFewOfASmallCorpusArePassedOver(unreadCount: Int, count: Int, endsTraining: Bool) {
        #expect(UnreadLimit.endsTraining(unreadCount, of: count) == endsTraining)
    }

    /// The run of `options` against one that nothing happened to.
    private func expectSame(_ options: TrainingOptions, _ whole: TrainingOptions) throws {
        #expect(try curve(lines(options)) == curve(lines(whole)))
        #expect(try averages(lines(options)) == averages(lines(whole)))
        let (left, right) = (try Checkpoint(finalPath(options)), try Checkpoint(finalPath(whole)))
        #expect(left.names == right.names)
        #expect(left.names.allSatisfy { left[$0]?.sha256 == right[$0]?.sha256 })
    }

    /// Changes the state of the run in a checkpoint.
    private func rewrite(_ path: String, state change: (String) -> String) throws {
        let checkpoint = try Checkpoint(path)
        try SafetensorsFile.write(
            checkpoint.tensors.map { SafetensorsFile.Entry($0.name, $0.tensor) },
            metadata: checkpoint.metadata.mapValues { $0.hasPrefix("{") ? change($0) : $0 },
            to: path,
            checksumming: true
        )
    }

    /// An update that was bad long before says nothing of whether the disk is there.
    @Test func aDiskThatVanishesEndsTheRunAndNothingIsLost() async throws {
        let configuration = try language.configuration("training.num_epochs=3")
        let whole = language.options(runs: "whole")
        try await TrainingRun(configuration, whole).run()
        let options = language.options(runs: "vanished")
        let stop = TrainingStop()
        let outcome = try await TrainingRun(configuration, options).run(stop: stop) { event in
            if case .progress(let progress) = event, progress.step == 2 { stop.request() }
        }
        guard case .stopped(2, let kept) = outcome else { return #expect(Bool(false), "\(outcome)") }
        try rewrite(kept) { $0.replacing(#""bad_steps":0,"#, with: #""bad_steps":1,"#) }
        #expect(try TrainingCheckpoint(kept).state?.badStepCount == 1)

        let (disk, elsewhere) = (language.folder.path + "/train/1", language.folder.path + "/elsewhere")
        let error = try await #require(throws: TrainerError.self) {
            try await TrainingRun(configuration, options).run { event in
                guard case .progress(let progress) = event, progress.step == 3 else { return }
                #expect(throws: Never.self) {
                    try FileManager.default.moveItem(atPath: disk, toPath: elsewhere)
                }
            }
        }
        #expect("\(error)".contains("4 of 24 recordings of data.train_data could not be loaded in epoch 2"))
        #expect("\(error)".contains("step_3.safetensors is kept: the same command goes on with it"))
        #expect("\(error)".contains("4 left out: without recording"))
        let told = try lines(options)
        #expect(statuses(told).last == "error")
        #expect(events(told, "epoch").map { $0["epoch"]?.number } == [0])
        try FileManager.default.moveItem(atPath: elsewhere, toPath: disk)
        try await TrainingRun(configuration, options).run()
        try expectSame(options, whole)
    }

    /// Half an update was gathered when the rest of it could not be read: what is kept is the one before.
    @Test func whatIsKeptIsTheLastWholeUpdate() async throws {
        let configuration = try language.configuration("training.num_epochs=2")
        let whole = language.options(runs: "whole")
        try await TrainingRun(configuration, whole).run()
        let originals = try language.damage(try await language.batches(configuration)[3])
        let options = language.options(runs: "damaged")
        let error = try await #require(throws: TrainerError.self) {
            try await TrainingRun(configuration, options).run()
        }
        #expect("\(error)".contains("step_1.safetensors is kept"))
        for (path, bytes) in originals { try bytes.write(to: URL(fileURLWithPath: path)) }
        try await TrainingRun(configuration, options).run()
        try expectSame(options, whole)
    }

    @Test func nothingIsKeptBeforeTheFirstUpdate() async throws {
        let configuration = try language.configuration("training.num_epochs=1")
        let originals = try language.damage(try await language.batches(configuration)[0])
        let options = language.options()
        let error = try await #require(throws: TrainerError.self) {
            try await TrainingRun(configuration, options).run()
        }
        #expect("\(error)".contains("no update was made yet"))
        for (path, bytes) in originals { try bytes.write(to: URL(fileURLWithPath: path)) }
        try await TrainingRun(configuration, options).run()
        #expect(try runs(options).count == 1)
    }

    /// In every epoch the same ones are missing, and they are named in the first.
    @Test func eachIsNamedOnceInTheLogAndOnTheTerminal() async throws {
        let configuration = try language.configuration(
            "training.num_epochs=2",
            "training.mixed_precision=false"
        )
        let train = try await language.batches(configuration)[1][0]
        try language.damage([train])
        let evaluation = try language.folder.read("dev/1/1/1-1-02.flac")
        try language.folder.write(Array(evaluation.prefix(evaluation.count / 2)), to: "dev/1/1/1-1-02.flac")
        let messages = Mutex<[String]>([])
        let options = language.options()
        try await TrainingRun(configuration, options).run { event in
            if case .message(let text) = event { messages.withLock { $0.append(text) } }
        }
        let told = try lines(options)
        let alerts = events(told, "alert")
        let titles = ["data.train_data", "data.eval_data"].map { "1 recording of \($0) could not be loaded" }
        #expect(alerts.map { $0["title"]?.string } == titles)
        let text = try #require(alerts.first?["text"]?.string)
        #expect(text.hasPrefix("In epoch 1:\n1 left out: damaged\n    \(train.audioPath): "), "\(text)")
        for title in titles {
            #expect(messages.withLock { $0.count { $0.hasPrefix("\(title) in epoch 1:\n1 left out:") } } == 1)
        }
        #expect(events(told, "eval").map { $0["skipped_utterances"]?.number } == [1, 1])
        // Of a sixth less nothing is chosen as the best.
        #expect(!events(told, "checkpoint").contains { $0["kind"]?.string == "best" })
    }

    /// An update of which nothing can be read is passed over, and counted once however often the run is stopped.
    @Test func aMissingUpdateIsPassedOver() async throws {
        let language = try ToneLanguage.withTokenizer(trainingCount: 48)
        let configuration = try language.configuration(
            "training.num_epochs=1",
            "training.gradient_accumulation_steps=1"
        )
        try language.damage(try await language.batches(configuration)[5])
        func skipped(_ options: TrainingOptions) throws -> [Int: Double?] {
            try lines(options).filter { $0["event"] == nil }.reduce(into: [:]) { counts, line in
                counts[Int(line["step"]?.number ?? -1)] = line["data/skipped_utterances"]?.number
            }
        }
        let whole = language.options(runs: "whole")
        try await TrainingRun(configuration, whole).run()
        #expect(try Set(curve(lines(whole)).keys) == Set(1...11))
        #expect(try skipped(whole) == (1...11).reduce(into: [:]) { $0[$1] = $1 < 6 ? .some(nil) : 4 })
        for stopAfter in [5, 6] {
            let options = language.options(runs: "stopped\(stopAfter)")
            let stop = TrainingStop()
            try await TrainingRun(configuration, options).run(stop: stop) { event in
                if case .progress(let progress) = event, progress.step == stopAfter { stop.request() }
            }
            try await TrainingRun(configuration, options).run()
            try expectSame(options, whole)
            #expect(try skipped(options) == skipped(whole), "stopped after \(stopAfter)")
        }
    }
}
