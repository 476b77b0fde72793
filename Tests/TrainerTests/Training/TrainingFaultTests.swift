import Files
import Foundation
import RunRecords
import SpeechSupport
import Synchronization
import TestSupport
import Testing

@testable import Trainer

/// What is missing or broken when a run begins: the message, and what its log says.
@Suite(.timeLimit(.minutes(10))) struct TrainingFaultTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// Whether it is found when the corpus is read or when it is loaded.
    @Test func whatIsLeftOutIsCounted() async throws {
        try language.folder.write("no sound", to: "train/1/1/1-1-03.flac")
        try language.folder.append("1-1-99 LOW\n", to: "train/1/1/1-1.trans.txt")
        try language.folder.remove("dev/1/1/1-1-02.flac")
        // Its header is whole, so only loading finds it.
        let broken = try language.folder.read("train/1/1/1-1-07.flac")
        try language.folder.write(Array(broken.prefix(broken.count / 2)), to: "train/1/1/1-1-07.flac")
        let messages = Mutex<[String]>([])
        let options = language.options()
        try await TrainingRun(try language.configuration("training.num_epochs=1"), options).run { event in
            if case .message(let text) = event { messages.withLock { $0.append(text) } }
        }
        #expect(messages.withLock { $0.joined(separator: "\n") }.contains("1 left out: damaged"))
        let told = try lines(options)
        let alerts = events(told, "alert")
        #expect(
            alerts.map { $0["title"]?.string } == [
                "2 of 25 utterances left out of data.train_data",
                "1 of 6 utterances left out of data.eval_data",
                "1 recording of data.train_data could not be loaded",
            ]
        )
        #expect(alerts.first?["text"]?.string?.contains("1-1-03.flac") == true)
        let counts = told.filter { $0["event"] == nil }.map { $0["data/skipped_utterances"]?.number }
        #expect(counts.allSatisfy { ($0 ?? 0) >= 2 })
        #expect(counts.last == 3)
        #expect(events(told, "eval").map { $0["skipped_utterances"]?.number } == [1])
    }

    @Test func whatIsMissingIsSaid() async throws {
        let options = language.options()
        for (change, expected) in [
            ("data.train_data=/nowhere", "data.train_data: there is no /nowhere"),
            ("data.eval_data=/nowhere", "data.eval_data: there is no /nowhere"),
            ("tokenizer.model_path=/nowhere.model", "tokenizer.model_path: there is no /nowhere.model"),
            ("model.unfreeze_top_k=48", "model.unfreeze_top_k: it is 48, and the front end has "),
            // Within its range, and more than any machine has.
            ("model.d_model=1048576", "make d_model"),
            ("tokenizer.model_path=null", "voxsite tokenizer train"),
            ("model.vocab_size=21", "has 20 tokens"),
            ("model.wavlm_path=/nowhere", "/nowhere"),
            ("training.resume_from=/nowhere.safetensors", "/nowhere"),
        ] {
            let configuration = try language.configuration(change)
            let error = try await #require(throws: (any Error).self, "\(change)") {
                try await TrainingRun(configuration, options).run()
            }
            #expect("\(error)".contains(expected), "\(error)")
            // Where there is nothing to resume from there is no run yet.
            guard !change.hasPrefix("training.resume_from") else { continue }
            let told = try lines(options)
            #expect(statuses(told) == ["running", "error"], "\(change)")
            #expect(events(told, "status").last?["message"]?.string == "\(error)")
            try FileManager.default.removeItem(atPath: options.runs)
        }
        let published = try language.configuration(
            "model.wavlm_model_name=microsoft/wavlm-base",
            "model.wavlm_path=null"
        )
        var elsewhere = options
        elsewhere.environment = ["HF_HOME": "/nowhere"]
        let error = try await #require(throws: TrainerError.self) {
            try await TrainingRun(published, elsewhere).run()
        }
        #expect("\(error)".contains("hf download microsoft/wavlm-base"))
    }

    /// The model can learn such a transcript only in part, and people should know.
    @Test func charactersThatTheTokenizerDoesNotKnowAreTold() async throws {
        let transcripts = "train/1/1/1-1.trans.txt"
        var lines = try language.folder.readText(transcripts).split(separator: "\n").map(String.init)
        lines[0] += " ЖУК"
        lines[1] += " ЖЖ"
        try language.folder.write(lines.joined(separator: "\n") + "\n", to: transcripts)
        let options = language.options()
        let configuration = try language.configuration("training.max_steps=1")
        try await TrainingRun(configuration, options).run()
        let alert = try #require(events(try self.lines(options), "alert").first)
        #expect(alert["title"]?.string == "Unknown characters in data.train_data")
        let text = try #require(alert["text"]?.string)
        #expect(
            text.hasPrefix("2 transcripts have characters the tokenizer does not know, such as ‘"),
            "\(text)"
        )
        #expect(text.lowercased().contains("‘ж’"), "\(text)")
    }

    /// What the log says is there is there, so that a page shows no checkpoint that is gone.
    @Test func removedCheckpointsAreTold() async throws {
        let options = language.options()
        let configuration = try language.configuration(
            "training.num_epochs=3",
            "training.save_interval=1",
            "training.keep_last_n=1"
        )
        try await TrainingRun(configuration, options).run()
        let run = try #require(runs(options).first)
        var told: Set<String> = []
        for event in events(try lines(options), "checkpoint") {
            let path = try #require(event["path"]?.string)
            if event["removed"]?.bool == true { told.remove(path) } else { told.insert(path) }
        }
        let there = try FileManager.default.contentsOfDirectory(atPath: "\(options.runs)/\(run)/checkpoints")
            .filter { $0.hasSuffix(".safetensors") }
        #expect(told == Set(there.map { "checkpoints/\($0)" }))
        #expect(there.count == 3)
    }

    /// A page that shows step 1 of 8 for a run that was to make one step would wait for ever.
    @Test func thePlanIsWhatWillBeDone() async throws {
        let options = language.options()
        try await TrainingRun(try language.configuration("training.max_steps=1"), options).run()
        let run = try #require(runs(options).first)
        let plan = try JSONParser.parse(OpenFile.reading("\(options.runs)/\(run)/run.json").readAll())
        #expect(plan["total_steps"]?.number == 1)
        #expect((plan["steps_per_epoch"]?.number ?? 0) > 1)
    }

    /// A supervisor that starts a broken configuration again and again leaves one run, and it goes on once it can.
    @Test func whatFailedBeforeItsFirstStepBeginsAgainInItsFolder() async throws {
        let configuration = try language.configuration("training.num_epochs=1")
        let options = language.options()
        let model = try language.folder.read("tone.model")
        try language.folder.remove("tone.model")
        for _ in 0..<2 {
            await #expect(throws: (any Error).self) { try await TrainingRun(configuration, options).run() }
        }
        try language.folder.write(model, to: "tone.model")
        try await TrainingRun(configuration, options).run()
        #expect(try runs(options).count == 1)
        #expect(
            try statuses(lines(options)) == ["running", "error", "running", "error", "running", "completed"]
        )
    }

    /// The optimiser of the run's own checkpoint does not fit: the run that was there already says so.
    @Test func aRunThatCannotGoOnSaysSoInItsLog() async throws {
        var options = language.options()
        try await TrainingRun(try language.configuration("training.num_epochs=1"), options).run()
        let run = try #require(runs(options).last)
        let before = try lines(options, run)
        options.resumePath = "\(options.runs)/\(run)/checkpoints/step_2.safetensors"
        let wider = try language.configuration("model.unfreeze_top_k=1")
        let error = try await #require(throws: TrainerError.self) {
            try await TrainingRun(wider, options).run()
        }
        let added = try lines(options, run).dropFirst(before.count)
        #expect(statuses(Array(added)) == ["running", "error"])
        #expect(added.last?["message"]?.string == "\(error)")
        #expect(added.last?["step"]?.number == 2)
    }

    @Test func aStopWhileGettingReadyIsNoFault() async throws {
        let options = language.options()
        let stop = TrainingStop()
        stop.request()
        let configuration = try language.configuration("training.num_epochs=1")
        await #expect(throws: CancellationError.self) {
            try await TrainingRun(configuration, options).run(stop: stop)
        }
        try await TrainingRun(configuration, options).run()
        #expect(try runs(options).count == 1)
        #expect(try statuses(lines(options)) == ["running", "stopped", "running", "completed"])
    }
}
