import Files
import Foundation
import RunRecords
import SpeechSupport
import TestSupport
import Testing

/// `voxsite train`, `transcribe` and `build` as somebody uses them who trains in two stages.
@Suite(.timeLimit(.minutes(10))) struct TrainCommandTests {
    private let language: ToneLanguage
    private let program: String

    init() throws {
        language = try ToneLanguage()
        program = try #require(Products.executable("voxsite"))
        try language.folder.write(language.configuration, to: "stage1.yaml")
    }

    private func run(_ arguments: String...) async throws -> (status: Int32, output: [String], talk: String) {
        let process = try ChildProcess(program, arguments, directory: language.folder.path)
        let status = try await process.waitForExit(seconds: 240)
        return (status, process.outputLines, process.errorLines.joined(separator: "\n"))
    }

    private func makeTokenizer() async throws {
        let size = "\(ToneLanguage.vocabularySize)"
        let trained = try await run(
            "tokenizer",
            "train",
            "train",
            "-o",
            "tone.model",
            "--vocabulary-size",
            size
        )
        #expect(trained.status == 0, "\(trained.talk)")
    }

    /// The losses of every step; the newest where one was made twice.
    private func curve(_ runs: String) throws -> [Int: Double] {
        let root = "\(language.folder.path)/\(runs)"
        let names = try FileManager.default.contentsOfDirectory(atPath: root)
        #expect(names.count == 1)
        let bytes = try OpenFile.reading("\(root)/\(names.first ?? "")/metrics.jsonl").readAll()
        let lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONParser.parse(Array($0)) }
        return lines.filter { $0["event"] == nil }.reduce(into: [:]) { curve, line in
            curve[Int(line["step"]?.number ?? -1)] = line["train/loss"]?.number
        }
    }

    @Test func twoStagesThenRecognitionThenThePage() async throws {
        try await makeTokenizer()
        let longer = [
            "--set", "training.num_epochs=40", "--set", "model.dropout=0.0", "--set",
            "training.save_interval=1000",
        ]
        let first = try ChildProcess(
            program,
            ["train", "--config", "stage1.yaml", "--set", "training.checkpoint_dir=stage1"] + longer,
            directory: language.folder.path
        )
        #expect(try await first.waitForExit(seconds: 240) == 0, "\(first.errorLines)")
        let second = """
            \(language.configuration.replacing("dropout: 0.1", with: "dropout: 0.1\n  unfreeze_top_k: 1")
                .replacing("learning_rate: 5.0e-3", with: "learning_rate: 5.0e-4\n  resume_from: stage1/best.safetensors"))
            """
        try language.folder.write(second, to: "stage2.yaml")
        let stage2 = try await run("train", "-c", "stage2.yaml", "--set", "training.checkpoint_dir=stage2")
        #expect(stage2.status == 0, "\(stage2.talk)")
        #expect(stage2.talk.contains("the optimiser is new: it is of stage1, and this is stage2"))

        let heard = try await run(
            "transcribe",
            "dev",
            "--checkpoint",
            "stage2/best.safetensors",
            "--beam",
            "0",
            "--json"
        )
        #expect(heard.status == 0 && heard.output.count == 6, "\(heard.talk)")
        let transcripts = try String(
            contentsOfFile: language.folder.path(of: "dev/1/1/1-1.trans.txt"),
            encoding: .utf8
        )
        let said = transcripts.split(separator: "\n").map { $0.dropFirst("1-1-00 ".count).lowercased() }
        let texts = try heard.output.map { try #require(JSONParser.parse(Array($0.utf8))["text"]?.string) }
        let wrong = zip(said, texts).count { $0 != $1 }
        #expect(wrong <= 2, "\(zip(said, texts).map { "\($0) | \($1)" })")

        let built = try await run("build", "-r", "runs", "-o", "site")
        #expect(built.status == 0, "\(built.talk)")
        let page = try String(contentsOfFile: language.folder.path(of: "site/index.html"), encoding: .utf8)
        #expect(page.contains("VoxFormer stage1") && page.contains("VoxFormer stage2"))
    }

    /// `kill -9` at ten moments, and the same command each time: the curve of a run that nobody killed.
    @Test func aRunThatIsKilledAgainAndAgainHasTheSameCurve() async throws {
        try await makeTokenizer()
        let arguments = ["train", "-c", "stage1.yaml", "--set", "training.num_epochs=12", "-r"]
        let whole = try ChildProcess(program, arguments + ["whole"], directory: language.folder.path)
        #expect(try await whole.waitForExit(seconds: 120) == 0, "\(whole.errorLines)")
        let expected = try curve("whole")
        #expect(expected.count == 36)
        var random = SeededRandom(seed: 11)
        // Every other step is saved, so each life begins at the latest where the one before was killed.
        var reached = 0
        for _ in 0..<10 where reached < 34 {
            let target = reached + Int.random(in: 1...2, using: &random)
            let process = try ChildProcess(
                program,
                arguments + ["killed", "-v"],
                directory: language.folder.path
            )
            _ = try await process.waitForError(containing: " step \(target)/36 ", seconds: 120)
            process.signal(SIGKILL)
            _ = try await process.waitForExit(seconds: 120)
            // On a busy machine it made further steps before the signal came.
            reached =
                process.errorLines.compactMap { line in
                    line.firstMatch(of: /step (\d+)\/36/).flatMap { Int($0.1) }
                }.max() ?? reached
        }
        let last = try ChildProcess(program, arguments + ["killed"], directory: language.folder.path)
        #expect(try await last.waitForExit(seconds: 120) == 0, "\(last.errorLines)")
        #expect(try curve("killed") == expected)
    }

    /// A polite kill, and a terminal that goes away.
    @Test(arguments: [SIGTERM, SIGHUP])
    func aPoliteKillSavesAndTheSameCommandGoesOn(signal: Int32) async throws {
        try await makeTokenizer()
        let arguments = ["train", "-c", "stage1.yaml", "--set", "training.num_epochs=500"]
        let process = try ChildProcess(program, arguments + ["-v"], directory: language.folder.path)
        _ = try await process.waitForError(containing: " step 3/1500 ", seconds: 120)
        process.signal(signal)
        #expect(try await process.waitForExit(seconds: 120) == 0)
        let talk = process.errorLines.joined(separator: "\n")
        #expect(talk.contains("is kept; the same command goes on with it"), "\(talk)")
        let again = try ChildProcess(program, arguments, directory: language.folder.path)
        let line = try await again.waitForError(containing: "Going on with", seconds: 120)
        #expect(line.contains("--new begins anew"))
        again.signal(SIGINT)
        #expect(try await again.waitForExit(seconds: 120) == 130)
    }

    /// A file may not grow: what a full disk does to a checkpoint.
    @Test func aFullDiskIsSaidAndLosesNothing() async throws {
        try await makeTokenizer()
        let script = "trap '' XFSZ; ulimit -f 150; exec \"$0\" train -c stage1.yaml"
        let process = try ChildProcess("/bin/bash", ["-c", script, program], directory: language.folder.path)
        #expect(try await process.waitForExit(seconds: 120) == 1)
        let talk = process.errorLines.joined(separator: "\n")
        #expect(talk.contains("step_2.safetensors"), "\(talk)")
        let checkpoints = try FileManager.default.subpathsOfDirectory(atPath: language.folder.path)
            .filter { $0.contains("checkpoints/") }
        #expect(
            checkpoints.allSatisfy { !$0.hasSuffix(".safetensors") && !$0.contains("tmp") },
            "\(checkpoints)"
        )
        let healed = try await run("train", "-c", "stage1.yaml", "--set", "training.num_epochs=1")
        #expect(healed.status == 0, "\(healed.talk)")
    }

    @Test func wrongInputIsSaidInOneSentence() async throws {
        let missing = try await run("train", "-c", "stage1.yaml")
        #expect(missing.status == 1 && missing.talk.contains("tone.model"), "\(missing.talk)")
        let typo = try await run("train", "-c", "stage1.yaml", "--set", "training.batch_sise=4")
        #expect(typo.status == 1 && typo.talk.contains("did you mean batch_size?"), "\(typo.talk)")
        let absent = try await run("train", "-c", "nowhere.yaml")
        #expect(absent.status == 1 && absent.talk.contains("nowhere.yaml"), "\(absent.talk)")
        let shown = try await run("train", "-c", "stage1.yaml", "--print-config")
        #expect(shown.status == 0 && shown.output.contains("  d_model: 32"))
        let silent = try await run("transcribe", "nowhere.wav", "--checkpoint", "nowhere.safetensors")
        #expect(silent.status == 1 && silent.talk.contains("nowhere.wav: there is no such file or folder"))
    }
}
