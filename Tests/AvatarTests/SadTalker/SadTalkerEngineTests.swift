import Audio
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Avatar

@Suite("SadTalker's clips")
struct SadTalkerEngineTests {
    @Test("A clip comes to its place, its stages are told, and nothing is left behind")
    func success() async throws {
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let seen = Mutex<[SadTalkerProgress]>([])
        let report = try await standIn.render { news in seen.withLock { $0.append(news) } }
        #expect(try standIn.folder.read("out/clip.mp4") == StandInSadTalker.successBytes)
        #expect(report.path == standIn.target)
        #expect(report.byteCount == StandInSadTalker.successBytes.count)
        #expect(report.engine == "sadtalker256")
        #expect(report.isNeural)
        #expect(report.audioSeconds == 0.1)
        let told = report.timings.reduce(0) { $0 + $1.seconds }
        #expect(told > 0 && told <= report.totalSeconds)
        #expect(abs(report.realTimeFactor - report.totalSeconds / 0.1) < 1e-9)
        let stages = seen.withLock { $0 }
        #expect(stages.first == SadTalkerProgress(.preparing))
        #expect(stages.contains(SadTalkerProgress(.loading)))
        #expect(stages.last == SadTalkerProgress(.fetching))
        #expect(report.timings.map(\.stage).first == .preparing)
        #expect(report.timings.map(\.stage).last == .fetching)
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("It gets the arguments of inference.py, in its folder, with files under plain names")
    func arguments() async throws {
        var standIn = try StandInSadTalker(
            "cp \"$audio\" \"$here/seen-audio.wav\"; \(StandInSadTalker.success)"
        )
        standIn.configuration.size = .pixels512
        standIn.configuration.enhancer = .restoreFormer
        standIn.configuration.isStill = true
        try await standIn.render()
        let words = try standIn.seenArguments()
        #expect(words.first == "inference.py")
        func value(_ name: String) -> String? {
            words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        }
        let results = try #require(value("--result_dir"))
        #expect(value("--driven_audio") == results + "/audio.wav")
        #expect(value("--source_image") == results + "/portrait.png")
        #expect(value("--size") == "512")
        #expect(value("--enhancer") == "RestoreFormer")
        #expect(value("--preprocess") == "crop")
        #expect(value("--checkpoint_dir") == "checkpoints")
        #expect(words.contains("--still"))
        #expect(!words.contains("--old_version"))
        #expect(try standIn.folder.readText("seen-folder") == standIn.configuration.checkout + "\n")
        let audio = try AudioFile.read(standIn.folder.path(of: "seen-audio.wav"))
        #expect(audio.sampleRateHz == 16_000)
        #expect(audio.samples.count == 1_600)
    }

    @Test(
        "A Python that parses arguments as inference.py does takes them",
        .enabled(if: StandInSadTalker.python != nil, "no python3 in /usr/bin: apt install python3")
    )
    func python() async throws {
        var standIn = try StandInSadTalker("")
        try standIn.folder.write(StandInSadTalker.inference, to: "checkout/inference.py")
        standIn.configuration.python = try #require(StandInSadTalker.python)
        standIn.configuration.enhancer = .gfpgan
        standIn.configuration.preprocess = .extfull
        standIn.configuration.isStill = true
        standIn.configuration.usesOldVersion = true
        let report = try await standIn.render()
        #expect(try standIn.folder.read("out/clip.mp4") == StandInSadTalker.successBytes)
        #expect(report.timings.map(\.stage) == [.preparing, .loading, .frames, .enhancing, .fetching])
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("Keys of services are not handed on to Python")
    func environment() async throws {
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let variables = [
            "PATH": "/usr/bin:/bin", "ELEVENLABS_API_KEY": "secret", "CUDA_VISIBLE_DEVICES": "1",
        ]
        try await standIn.render(
            on: LocalSadTalkerHost(temporaryFolder: standIn.folder.path(of: "tmp"), environment: variables)
        )
        let seen = try standIn.folder.readText("seen-environment")
        #expect(!seen.contains("secret"))
        #expect(seen.contains("CUDA_VISIBLE_DEVICES=1"))
        #expect(seen.contains("PYTHONUNBUFFERED=1"))
    }

    @Test("A recording in a file is read at any rate")
    func recording() async throws {
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let path = standIn.folder.path(of: "speech.flac")
        let signal = AudioSignal(samples: [Float](repeating: 0.25, count: 4_410), sampleRateHz: 44_100)
        try AudioWriter.write(signal, to: path, as: .flac16)
        let engine = try SadTalkerEngine(configuration: standIn.configuration, host: standIn.localHost())
        let portrait = standIn.folder.path(of: "portrait.png")
        let report = try await engine.render(audio: path, portrait: portrait, to: standIn.target)
        #expect(abs(report.audioSeconds - 0.1) < 0.001)
    }

    @Test("Of two results the newest is taken, whatever their names")
    func twoResults() async throws {
        let standIn = try StandInSadTalker(
            """
            printf '\(StandInSadTalker.video)new' > "$results/2026_01_01_00.00.00.mp4"
            printf '\(StandInSadTalker.video)old' > "$results/2026_11_29_00.00.00.mp4"
            touch -d @1000 "$results/2026_11_29_00.00.00.mp4"
            """
        )
        try await standIn.render()
        #expect(try standIn.folder.read("out/clip.mp4").suffix(3).elementsEqual("new".utf8))
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("A result in a folder of the run counts where there is no other, and a silent one never does")
    func newest() {
        let files = [("a/x.mp4", 9), ("a/temp_y.mp4", 99), ("b.mp4", 2), ("c.mp4", 2), ("d.mp4", 1)].map {
            HostFile(path: "/w/\($0.0)", byteCount: 1, modifiedNanoseconds: $0.1)
        }
        #expect(SadTalkerEngine.newest(files, in: "/w")?.path == "/w/c.mp4")
        #expect(SadTalkerEngine.newest(Array(files.prefix(2)), in: "/w")?.path == "/w/a/x.mp4")
        #expect(SadTalkerEngine.newest([files[1]], in: "/w") == nil)
    }

    @Test("A crash is told with the last lines and the fix, and the old clip stays")
    func crash() async throws {
        let standIn = try StandInSadTalker(
            """
            printf 'Traceback (most recent call last):\\n  File "x.py", line 18\\n' >&2
            printf "AttributeError: module 'numpy' has no attribute 'float'.\\n" >&2
            printf '\\rlandmark Det::   0%%|          | 0/1 [00:00<?, ?it/s]\\n\\n' >&2
            exit 1
            """
        )
        try standIn.folder.write("the old one", to: "out/clip.mp4")
        guard
            case .sadTalker(let host, let reason, let remedy, let lines)? = await standIn.failure()
                as? AvatarError
        else {
            Issue.record("no error of SadTalker")
            return
        }
        #expect(host == "this machine")
        #expect(reason == "it ended with status 1: NumPy 1.24 has removed np.float")
        #expect(remedy.contains("my_awing_arch.py"))
        #expect(lines.last == "AttributeError: module 'numpy' has no attribute 'float'.")
        #expect(lines.count == 3)
        #expect(try standIn.folder.readText("out/clip.mp4") == "the old one")
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test(
        "Every bad end is told",
        arguments: [
            ("exit 0", "it ended well but wrote no video"),
            ("echo \"Can't get the coeffs of the input\"", "it finds no face in the portrait"),
            (": > \"$results/a.mp4\"", "its video is empty"),
            ("echo 'no video at all' > \"$results/a.mp4\"", "what it wrote is no MP4"),
            ("printf x > \"$results/a.mp4\"", "what it wrote is no MP4"),
            ("mkdir \"$results/a.mp4\"; exit 0", "wrote no video"),
            ("ln -s /etc/passwd \"$results/a.mp4\"", "wrote no video"),
            ("kill -KILL $$", "it was killed before its end"),
            ("kill -SEGV $$", "it crashed (signal 11)"),
            ("exit 3", "it ended with status 3"),
        ]
    )
    func badEnds(script: String, words: String) async throws {
        let standIn = try StandInSadTalker(script)
        let error = try #require(await standIn.failure() as? AvatarError)
        #expect(error.description.contains(words), "\(error)")
        #expect(!FileManager.default.fileExists(atPath: standIn.target))
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("When its time is up, it ends with all that it started")
    func timeout() async throws {
        let standIn = try StandInSadTalker("trap '' TERM\n\(StandInSadTalker.hang)")
        let line = try LifeLine(standIn.folder.path(of: "life"))
        let alarm = Alarm()
        do {
            try await standIn.render(on: standIn.localHost(alarm: alarm)) { news in
                if news.stage == .frames { alarm.ring() }
            }
            Issue.record("it has not been ended")
        } catch let error as AvatarError {
            #expect(error == .timeout(what: "SadTalker on this machine", seconds: 600))
        }
        #expect(line.isCut())
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test(
        "When nobody wants the clip any more, it ends with all that it started",
        arguments: ["", "trap '' TERM HUP INT"]
    )
    func cancellation(habits: String) async throws {
        let standIn = try StandInSadTalker("\(habits)\n\(StandInSadTalker.hang)")
        try await Self.expectCancelled(standIn, on: standIn.localHost())
    }

    /// Expects that a clip which hangs ends with all that it started, and leaves nothing.
    static func expectCancelled(_ standIn: StandInSadTalker, on host: any SadTalkerHost) async throws {
        let line = try LifeLine(standIn.folder.path(of: "life"))
        let (drawing, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await standIn.render(on: host) { if $0.stage == .frames { continuation.finish() } }
        }
        for await _ in drawing {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(line.isCut())
        #expect(try standIn.leftovers().isEmpty)
        let folder = try #require(try standIn.seenArguments().first { $0.contains(WorkFolder.prefix) })
        #expect(!FileManager.default.fileExists(atPath: folder.replacing("/audio.wav", with: "")))
    }

    @Test(
        "What it leaves running ends with it, whether that holds our pipes or heeds no signal",
        arguments: ["", "trap '' TERM; exec >/dev/null 2>&1;"]
    )
    func orphans(habits: String) async throws {
        let standIn = try StandInSadTalker(
            """
            (\(habits) exec 9> "$here/life"; : > "$here/open"; sleep 1000) &
            until [ -e "$here/open" ]; do :; done
            \(StandInSadTalker.success)
            """
        )
        let line = try LifeLine(standIn.folder.path(of: "life"))
        try await standIn.render()
        #expect(line.isCut())
    }

    @Test("Megabytes of words neither block it nor are kept")
    func hugeErrors() async throws {
        let standIn = try StandInSadTalker(
            "head -c 4000000 /dev/zero | tr '\\0' e >&2; echo >&2; echo 'the end' >&2; exit 1"
        )
        guard case .sadTalker(_, _, _, let lines)? = await standIn.failure() as? AvatarError else {
            Issue.record("no error of SadTalker")
            return
        }
        #expect(lines.last == "the end")
        #expect(lines.allSatisfy { $0.count <= 201 })
    }

    @Test("A clip goes to another file system")
    func otherFileSystem() async throws {
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        try #require(FileManager.default.isWritableFile(atPath: "/dev/shm"))
        let other = try TemporaryDirectory(in: "/dev/shm")
        try await standIn.render(to: other.path(of: "clip.mp4"))
        #expect(try other.read("clip.mp4") == StandInSadTalker.successBytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path) == ["clip.mp4"])
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("What cannot be drawn is refused before anything runs")
    func refusals() async throws {
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let engine = try SadTalkerEngine(configuration: standIn.configuration, host: standIn.localHost())
        let portrait = standIn.folder.path(of: "portrait.png")
        try standIn.folder.write("GIF89a", to: "portrait.gif")
        func expect(_ words: String, _ render: () async throws -> SadTalkerReport) async {
            do {
                _ = try await render()
                Issue.record("not refused: \(words)")
            } catch { #expect("\(error)".contains(words), "\(error)") }
        }
        await expect("neither PNG nor JPEG") {
            let gif = standIn.folder.path(of: "portrait.gif")
            return try await engine.render(audio: StandInSadTalker.audio, portrait: gif, to: standIn.target)
        }
        await expect("there is no such file") {
            try await engine.render(audio: StandInSadTalker.audio, portrait: "/nowhere", to: standIn.target)
        }
        await expect("it is empty") {
            let nothing = AudioSignal(samples: [], sampleRateHz: 16_000)
            return try await engine.render(audio: nothing, portrait: portrait, to: standIn.target)
        }
        await expect("/nowhere/clip.mp4") {
            try await engine.render(
                audio: StandInSadTalker.audio,
                portrait: portrait,
                to: "/nowhere/clip.mp4"
            )
        }
        #expect(!FileManager.default.fileExists(atPath: standIn.folder.path(of: "seen-arguments")))
        #expect(try standIn.leftovers().isEmpty)
    }

    @Test("A missing checkout and a missing Python are told as such")
    func missing() async throws {
        var standIn = try StandInSadTalker("exit 0")
        standIn.configuration.python = "/nowhere/python"
        #expect(
            await standIn.failure() as? AvatarError
                == .sadTalkerMissing(host: "this machine", what: .python, path: "/nowhere/python")
        )
        standIn.configuration.checkout = "/nowhere"
        #expect(
            await standIn.failure() as? AvatarError
                == .sadTalkerMissing(host: "this machine", what: .checkout, path: "/nowhere")
        )
    }
}
