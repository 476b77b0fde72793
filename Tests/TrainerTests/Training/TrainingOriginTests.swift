import Files
import Foundation
import RunRecords
import SpeechSupport
import TestSupport
import Testing

@testable import Trainer

/// What a command begins with, after others were there.
@Suite(.timeLimit(.minutes(3))) struct TrainingOriginTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// A name is one run's: nothing of it is written over, neither by another configuration nor by a new beginning.
    @Test(arguments: [false, true])
    func aNameThatIsTakenIsRefusedAndNothingChanges(_ keepsElsewhere: Bool) async throws {
        let place =
            keepsElsewhere ? "training.checkpoint_dir=\(language.folder.path)/kept" : "training.seed=42"
        let configuration = try language.configuration("training.num_epochs=1", place)
        var options = language.options()
        options.runID = "mine"
        try await train(configuration, options)
        let (before, kept) = (
            try contents(options.runs), try contents("\(language.folder.path)/kept")
        )
        #expect(before.keys.contains("mine/run.json"))
        let other = try language.configuration("training.num_epochs=1", "training.learning_rate=1e-3", place)
        var anew = options
        anew.beginsAnew = true
        var branch = anew
        branch.resumePath =
            before.keys.contains("mine/checkpoints/step_2.safetensors")
            ? "\(options.runs)/mine/checkpoints/step_2.safetensors"
            : "\(language.folder.path)/kept/step_2.safetensors"
        for (configuration, options) in [
            (other, options), (configuration, anew), (other, anew), (configuration, branch),
        ] {
            let error = await #expect(throws: TrainerError.self) { try await train(configuration, options) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("\(options.runs)/mine: it has a run already"))
            #expect(text.contains("choose another --run-id, or leave it out"))
        }
        #expect(try contents(options.runs) == before)
        #expect(try contents("\(language.folder.path)/kept") == kept)
    }

    /// A run that was killed before its first checkpoint has nothing to lose.
    @Test func aNamedRunWithoutACheckpointBeginsAgain() async throws {
        let configuration = try language.configuration("training.num_epochs=1", "training.save_interval=100")
        var options = language.options()
        options.runID = "mine"
        // What a kill right after the beginning leaves.
        _ = try await TrainingRun(configuration, options).begin()
        options.beginsAnew = true
        try await train(configuration, options)
        #expect(try statuses(lines(options)) == ["running", "running", "completed"])
    }

    /// Taken back to an earlier step, a run keeps the checkpoints it writes from then on.
    @Test func aRunThatIsTakenBackKeepsItsNewCheckpoints() async throws {
        let configuration = try language.configuration("training.keep_last_n=2")
        var options = language.options()
        let whole = try await train(configuration, options, stopAfter: 7)
        guard case .stopped(7, let path) = whole.outcome else {
            return #expect(Bool(false), "\(whole.outcome)")
        }
        let folder = CheckpointFolder(FileSystem.folder(of: path))
        #expect(folder.steps() == [7, 6])
        let early = "\(language.folder.path)/step_6.safetensors"
        try FileManager.default.copyItem(atPath: folder.step(6), toPath: early)
        for later in [12, 15] {
            try FileManager.default.copyItem(atPath: folder.step(7), toPath: folder.step(later))
        }
        try FileSystem.removeFile(folder.step(7))
        options.resumePath = early
        let back = try await train(configuration, options, stopAfter: 8)
        guard case .stopped(8, let kept) = back.outcome else {
            return #expect(Bool(false), "\(back.outcome)")
        }
        #expect(FileIdentity.find(kept) != nil)
        #expect(folder.steps() == [8, 6])
        for later in [12, 15] {
            #expect(FileIdentity.find("\(folder.path)/step_\(later)~1.safetensors") != nil)
        }
        options.resumePath = nil
        let again = try await train(configuration, options, stopAfter: 9)
        #expect(again.messages[0].contains(" at step 8 ("))
    }

    /// Under `Restart=always` the same command comes again and again; it has nothing to do, and does nothing.
    @Test(arguments: [false, true])
    func aCompleteRunIsNotTrainedAgain(_ keepsElsewhere: Bool) async throws {
        let place =
            keepsElsewhere ? "training.checkpoint_dir=\(language.folder.path)/kept" : "training.seed=42"
        let configuration = try language.configuration("training.num_epochs=1", place)
        var options = language.options()
        let first = try await train(configuration, options)
        guard case .completed(let path) = first.outcome else {
            return #expect(Bool(false), "\(first.outcome)")
        }
        let name = try #require(runs(options).first)
        let folder = CheckpointFolder(FileSystem.folder(of: path))
        let step = try #require(folder.steps().first)
        let before = try contents(language.folder.path)
        var named = options
        named.runID = name
        var resumed = options
        resumed.resumePath = folder.step(step)
        for again in [options, named, resumed] {
            let (outcome, messages) = try await train(configuration, again)
            #expect(outcome == .completed(checkpoint: path))
            let hint =
                again.resumePath.map {
                    "--resume \($0) was not followed; with --new another run goes on from there"
                }
                ?? "--new begins another"
            #expect(messages == ["\(name) is complete (\(path)); \(hint)"])
        }
        #expect(try contents(language.folder.path) == before)
        // Without the step files, which somebody removed to have room.
        for step in folder.steps() { try FileSystem.removeFile(folder.step(step)) }
        #expect(try await train(configuration, options).outcome == .completed(checkpoint: path))
        options.beginsAnew = true
        #expect(try await train(configuration, options).messages.first?.hasPrefix("A new run:") == true)
        #expect(try runs(options).count == 2)
    }

    /// Only --resume takes a run back: an older step of the configuration at hand is no newest one.
    @Test func aRunThatWentOnWithAnotherConfigurationIsNotTakenBackUnasked() async throws {
        let short = try language.configuration("training.num_epochs=1", "training.keep_last_n=9")
        let long = try language.configuration("training.num_epochs=2", "training.keep_last_n=9")
        var options = language.options()
        guard case .completed(let path) = try await train(short, options).outcome else {
            return #expect(Bool(false), "it did not come to its end")
        }
        let folder = CheckpointFolder(FileSystem.folder(of: path))
        options.resumePath = folder.step(try #require(folder.steps().first))
        #expect(try await train(long, options).outcome == .completed(checkpoint: path))
        options.resumePath = nil
        let before = try contents(folder.path)
        let third = try await train(short, options, stopAfter: 1)
        #expect(third.messages.first?.hasPrefix("A new run:") == true, "\(third.messages)")
        #expect(try contents(folder.path) == before)
    }

    @Test func weightsAloneNeedACheckpoint() async throws {
        var options = language.options()
        options.takesWeightsOnly = true
        let error = await #expect(throws: TrainerError.self) {
            try await train(try language.configuration(), options)
        }
        #expect(error.map { "\($0)".contains("name it with --resume or training.resume_from") } == true)
    }

    /// What a flipped bit and a torn file leave of the last checkpoint is named like a damaged step.
    @Test(arguments: [false, true])
    func aDamagedEndIsNamed(isTorn: Bool) async throws {
        let configuration = try language.configuration("training.num_epochs=1")
        let options = language.options()
        guard case .completed(let path) = try await train(configuration, options).outcome else {
            return #expect(Bool(false), "it did not come to its end")
        }
        if isTorn {
            try tear(path)
        } else {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 9] ^= 4
            try FileSystem.removeFile(path)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        let again = try await train(configuration, options)
        #expect(again.messages.first?.contains("\nPassed over: \(path): ") == true, "\(again.messages)")
        #expect(again.outcome == .completed(checkpoint: path))
    }

    /// A full disk under the runs takes no work with it: the checkpoints may be on another one.
    @Test(.enabled(if: SmallFileSystem.isAvailable, "mounting a tmpfs needs root"))
    func aLogThatCannotBeWrittenLosesNoUpdate() async throws {
        let disk = try SmallFileSystem(kilobytes: 256)
        let place = "training.checkpoint_dir=\(language.folder.path)/kept"
        let configuration = try language.configuration(place, "training.save_interval=100")
        var options = language.options()
        options.runs = disk.path
        let filler = "\(disk.path)/filler"
        let error = await #expect(throws: TrainerError.self) {
            try await TrainingRun(configuration, options).run { event in
                guard case .progress(let progress) = event, progress.step == 5,
                    let file = try? OpenFile(filler, flags: O_WRONLY | O_CREAT)
                else { return }
                while (try? file.write([UInt8](repeating: 1, count: 4096))) != nil {}
            }
        }
        let text = error.map { "\($0)" } ?? ""
        let step = try #require(CheckpointFolder("\(language.folder.path)/kept").steps().first)
        #expect(
            step >= 5 && text.contains("/kept/step_\(step).safetensors is kept: the same command goes on"),
            "\(text)"
        )
        try FileSystem.removeFile(filler)
        let again = try await train(configuration, options, stopAfter: step + 1)
        #expect(again.messages.first?.contains(" at step \(step) (") == true, "\(again.messages)")
    }

    /// Cuts a file short, as a failing disk or a broken copy does.
    private func tear(_ path: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try FileSystem.removeFile(path)
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    }

    @Test(arguments: [false, true])
    func damagedCheckpointsAreNamedAndWithoutAnyOtherNothingIsBegun(_ keepsElsewhere: Bool) async throws {
        let place =
            keepsElsewhere ? "training.checkpoint_dir=\(language.folder.path)/kept" : "training.seed=42"
        let configuration = try language.configuration(place)
        var options = language.options()
        let first = try await train(configuration, options, stopAfter: 7)
        guard case .stopped(7, let path) = first.outcome else {
            return #expect(Bool(false), "\(first.outcome)")
        }
        let folder = CheckpointFolder(FileSystem.folder(of: path))
        try tear(folder.step(7))
        try tear(folder.step(6))
        let second = try await train(configuration, options, stopAfter: 5)
        let message = try #require(second.messages.first)
        #expect(message.contains(" at step 4 ("))
        for step in [6, 7] { #expect(message.contains("\nPassed over: \(folder.step(step)): ")) }
        #expect(message.contains("\nThe 3 steps from 4 to 7 are made once more"))
        // What was passed over is out of the way, and not lost.
        #expect(FileIdentity.find("\(folder.path)/step_7-unusable.safetensors") != nil)
        let third = try await train(configuration, options, stopAfter: 6)
        #expect(third.messages.first?.contains("Passed over") == false)
        for step in folder.steps() { try tear(folder.step(step)) }
        let before = try contents(language.folder.path)
        let error = await #expect(throws: TrainerError.self) { try await train(configuration, options) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("step files are there, and none of them can be used"))
        #expect(text.contains("--new"))
        for step in folder.steps() { #expect(text.contains("\n\(folder.step(step)): ")) }
        #expect(try contents(language.folder.path) == before)
        options.beginsAnew = true
        try await train(configuration, options, stopAfter: 1)
        options.beginsAnew = false
        #expect(try await train(configuration, options, stopAfter: 2).messages[0].contains("at step 1 ("))
    }

    /// Two configurations take turns in one folder: each finds its own run again, under the name that was told.
    @Test func filesThatAreSetAsideAreNamedAndFoundAgain() async throws {
        let kept = "\(language.folder.path)/kept"
        let first = try language.configuration("training.checkpoint_dir=\(kept)")
        let second = try language.configuration(
            "training.checkpoint_dir=\(kept)",
            "training.learning_rate=1e-3"
        )
        let options = language.options()
        try await train(first, options, stopAfter: 4)
        let name = try #require(runs(options).first)
        let between = try await train(second, options, stopAfter: 2)
        let aside = "\(kept)/step_4-\(name).safetensors"
        #expect(between.messages[0].hasSuffix("to go on with it: --resume \(aside)"))
        #expect(FileIdentity.find(aside) != nil)
        let told = "step_4.safetensors is now step_4-\(name).safetensors"
        #expect(between.messages.contains { $0.hasPrefix("In \(kept), ") && $0.contains(told) })
        let back = try await train(first, options)
        #expect(back.messages[0].hasPrefix("Going on with \(name) at step 4 (\(aside))"))
        #expect(back.outcome == .completed(checkpoint: "\(kept)/final.safetensors"))
        #expect(FileIdentity.find(aside) == nil)
        #expect(try runs(options).count == 2)
        // And the other way round; the first run is complete, and stays so.
        let again = try await train(second, options, stopAfter: 3)
        #expect(again.messages[0].contains(" at step 2 ("))
        let end = try await train(first, options)
        #expect(
            end.messages == ["\(name) is complete (\(kept)/final-\(name).safetensors); --new begins another"]
        )
        #expect(try runs(options).count == 2)
    }
}
