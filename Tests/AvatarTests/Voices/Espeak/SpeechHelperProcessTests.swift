import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite("The speech helper when it misbehaves")
struct SpeechHelperProcessTests {
    /// What `AvatarError` says of a helper that does `script`.
    private func message(
        _ script: String,
        text: String = "hello",
        timeoutSeconds: Double = 20
    ) async throws -> String {
        let standIn = try StandInHelper(script)
        do {
            _ = try await standIn.speak(text, timeoutSeconds: timeoutSeconds)
            return "no error"
        } catch let error as AvatarError { return "\(error)" }
    }

    @Test("a helper that ends at once, fails, or crashes is told apart, with its own last words")
    func ends() async throws {
        #expect(try await message("exit 0").contains("its output ends in the middle"))
        let failed = try await message("echo first >&2; echo 'the disk is on fire' >&2; exit 7")
        #expect(
            failed.contains("status 7") && failed.contains("the disk is on fire") && !failed.contains("first")
        )
        #expect(try await message("exec >&- 2>&-; sleep 1000").contains("killed before its end"))
        #expect(try await message("kill -SEGV $$").contains("crashed (signal 11)"))
        #expect(try await message("echo no UTF-8 >&2; exit 65") == "text: no UTF-8")
    }

    @Test("a text that the engine stumbles over is tried once more without its symbols")
    func crashes() async throws {
        let frames =
            FrameBytes.greeting + FrameBytes.frame("R", FrameBytes.number(1_000))
            + FrameBytes.frame("P", FrameBytes.number(0) + Array("h".utf8))
            + FrameBytes.frame("A", [1, 0, 2, 0]) + FrameBytes.frame("E", FrameBytes.number(2))
        let standIn = try StandInHelper(
            """
            text="$(cat)"; echo "$text" >> texts
            case "$text" in *👵*|*bad*) kill -SEGV $$;; esac
            printf \(FrameBytes.escaped(frames))
            """
        )
        #expect(try await standIn.speak("Hi 👵 you").phonemes.map(\.symbol) == ["h"])
        await #expect {
            try await standIn.speak("bad 👵")
        } throws: { error in
            "\(error)".contains("crashed (signal 11)") && "\(error)".contains("leave out unusual characters")
        }
        await #expect(throws: AvatarError.self) { try await standIn.speak("bad") }
        #expect(try standIn.folder.readText("texts") == "Hi 👵 you\nHi   you\nbad 👵\nbad  \nbad\n")
    }

    @Test("a missing library and missing data say what to install")
    func missing() async throws {
        let library = try await message(
            "echo 'helper: error while loading shared libraries: libespeak-ng.so.1: cannot open' >&2; exit 127"
        )
        #expect(library.contains("libespeak-ng.so.1") && library.contains("run: apt install libespeak-ng1"))
        let data = try await message(
            "echo \"Error processing file '/usr/lib/espeak-ng-data/phontab'\" >&2; exit 1"
        )
        #expect(data.contains("phontab") && data.contains("espeak-ng-data"))
    }

    @Test("what makes no sense is refused, whatever it is")
    func garbage() async throws {
        let greeting = FrameBytes.greeting
        let rate = FrameBytes.frame("R", FrameBytes.number(22_050))
        let audio = FrameBytes.frame("A", [1, 0, 2, 0])
        let cases: [(String, String)] = [
            ("cat /dev/zero | head -c 100000", "does not begin"),
            ("yes", "does not begin"),
            (bytes(greeting), "has no end"),
            (bytes(greeting + audio), "did not come first"),
            (bytes(greeting + rate + rate), "came twice"),
            (bytes(greeting + FrameBytes.frame("R", FrameBytes.number(3))), "makes no sense"),
            (bytes(greeting + FrameBytes.frame("X", [])), "unknown kind"),
            (bytes(greeting + Array("A".utf8) + [255, 255, 255, 255]), "announces a message of 4294967295"),
            (bytes(greeting + rate + audio), "has no end"),
            (bytes(greeting + rate + audio.dropLast()), "ends in the middle"),
            (bytes(greeting + rate + audio + FrameBytes.frame("E", FrameBytes.number(9))), "2 of 9 samples"),
            (
                bytes(greeting + rate + audio + FrameBytes.frame("E", FrameBytes.number(2)) + audio),
                "behind the end"
            ),
        ]
        for (script, words) in cases {
            let message = try await message(script)
            #expect(message.contains(words), "\(script.prefix(80))")
        }
    }

    private func bytes(_ bytes: [UInt8]) -> String { "cat >/dev/null; printf \(FrameBytes.escaped(bytes))" }

    @Test("well-formed frames become speech, in whatever pieces they come")
    func pieces() throws {
        var stream = FrameBytes.greeting + FrameBytes.frame("R", FrameBytes.number(1_000))
        stream += FrameBytes.frame("T", Array("m_ˈaɪ".utf8))
        stream += FrameBytes.frame("P", FrameBytes.number(2) + Array("m".utf8))
        stream += FrameBytes.frame("P", FrameBytes.number(4) + Array("aɪ".utf8))
        stream += FrameBytes.frame("P", FrameBytes.number(8))
        stream += FrameBytes.frame("A", [UInt8](repeating: 64, count: 20))
        stream += FrameBytes.frame("E", FrameBytes.number(10))
        for size in [1, 2, 3, 7, 1_000] {
            var parser = SpeechFrameParser()
            var assembly = SpeechAssembly()
            for start in stride(from: 0, to: stream.count, by: size) {
                for frame in try parser.feed(Array(stream[start..<min(start + size, stream.count)])) {
                    try assembly.take(frame)
                }
            }
            #expect(!parser.isInsideFrame && assembly.isEnded)
            let speech = assembly.finish().speech
            #expect(speech.phonemes.map(\.symbol) == ["", "m", "aɪ", ""])
            #expect(speech.phonemes.map(\.startSeconds) == [0, 0.002, 0.004, 0.008])
            #expect(speech.phonemes.map(\.isStressed) == [false, false, true, false])
            PhonemeExpectations.expectCovering(speech)
        }
    }

    @Test("sounds that begin together share the time; those out of order and behind the end do no harm")
    func onsets() throws {
        var assembly = SpeechAssembly()
        try assembly.take(.rate(hertz: 1_000))
        try assembly.take(.audio([Float](repeating: 0, count: 100)))
        for (position, symbol) in [
            (0, ""), (0, "l"), (0, "ɹ"), (40, "a"), (30, "b"), (60, ""), (60, ""), (500, "x"),
        ] {
            try assembly.take(.phoneme(position: position, symbol: symbol))
        }
        try assembly.take(.end(sampleCount: 100))
        let speech = assembly.finish().speech
        #expect(speech.phonemes.map(\.symbol) == ["l", "ɹ", "a", "b", ""])
        #expect(speech.phonemes.map(\.startSeconds) == [0, 0.02, 0.04, 0.05, 0.06])
        PhonemeExpectations.expectCovering(speech)
    }

    /// Keeps a pipe open until the last of its processes is gone, and heeds no signal that can be ignored.
    private static let hang = "trap '' TERM; (exec 9> life; : > started; sleep 1000) & wait"

    @Test("a helper whose time is up is killed with everything that it started", .timeLimit(.minutes(2)))
    func hangs() async throws {
        let standIn = try StandInHelper(Self.hang)
        let line = try LifeLine(standIn.folder.path(of: "life"))
        let process = SpeechHelperProcess(helper: standIn.helper, timeoutSeconds: 7) { seconds in
            #expect(seconds == 7)
            try await Self.start(of: standIn)
        }
        await #expect(throws: AvatarError.timeout(what: "espeak-ng", seconds: 7)) {
            try await process.speak("hello", []) { _ in }
        }
        #expect(line.isCut())
    }

    @Test(
        "a cancelled task kills the helper, too, even one that will not hear of it",
        .timeLimit(.minutes(2))
    )
    func cancellation() async throws {
        let standIn = try StandInHelper(Self.hang)
        let line = try LifeLine(standIn.folder.path(of: "life"))
        let task = Task { try await standIn.speak(timeoutSeconds: 1_000) }
        try await Self.start(of: standIn)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(line.isCut())
    }

    /// Waits until a stand-in hangs.
    private static func start(of standIn: StandInHelper) async throws {
        try await waitUntil { standIn.folder.exists("started") }
    }

    @Test("text and settings reach the helper as they should, and no others do")
    func arguments() async throws {
        let standIn = try StandInHelper(#"printf '%s\n' "$@" > arguments; cat > text; exit 3"#)
        let voice = try #require(try await standIn.provider().voice(named: "en-us"))
        let settings = VoiceSettings(stability: 0.25, speed: 1.2, pitch: 0.7)
        await #expect(throws: AvatarError.self) {
            try await voice.speak(" --voice 'x' $(id)\n ", settings: settings)
        }
        let arguments = String(decoding: try standIn.folder.read("arguments"), as: UTF8.self)
        #expect(arguments == "--voice\nen-us\n--rate\n210\n--pitch\n70\n--range\n75\n")
        #expect(String(decoding: try standIn.folder.read("text"), as: UTF8.self) == "--voice 'x' $(id)")
    }

    @Test("a list of voices is read line by line, and what is no voice is left out")
    func list() throws {
        let list = EspeakVoiceList(
            """
            voice\ten-us\tEnglish_(America)\tmale\ten-us=2 en=3
            voice\t../x\tEvil\tmale\tx=1
            voice\tfr-be\tFrench_(Belgium)\tmale\tfr-be=5 fr=8
            voice\tfr-fr\tFrench_(France)\t-\tfr-fr=5 fr=5
            variant\tf3\tfemale3\tfemale\t
            variant\tf 3\tfemale3\tfemale\t
            nonsense
            voice\t\t\t\t
            """
        )
        #expect(list.languages.map(\.key) == ["en-us", "fr-be", "fr-fr"])
        #expect(list.speaker(of: "FR")?.id == "espeak:fr-fr")
        #expect(list.speaker(of: "xx") == nil)
        #expect(list.description(of: "fr-fr+f3")?.name == "French (France), female 3")
        #expect(list.description(of: "fr-fr+f3")?.gender == "female")
        #expect(
            list.listed.map(\.id) == [
                "espeak:en-us", "espeak:en-us+f3", "espeak:fr-be", "espeak:fr-be+f3", "espeak:fr-fr",
                "espeak:fr-fr+f3",
            ]
        )
    }

    @Test("an endless list of voices and a program that is not there are refused")
    func lists() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("#!/bin/bash\nyes voice\n", to: "endless")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: folder.path(of: "endless")
        )
        let endless = EspeakProvider(helper: SpeechHelper(path: folder.path(of: "endless")))
        await #expect { try await endless.voices() } throws: { "\($0)".contains("longer than 1048576 bytes") }
        let absent = EspeakProvider(helper: SpeechHelper(path: folder.path(of: "absent")))
        await #expect { try await absent.voices() } throws: { "\($0)".contains("VOXSITE_SPEECH_HELPER") }
        await #expect { try await EspeakProvider(helper: nil).voices() } throws: {
            "\($0)".contains("make install")
        }
    }

    @Test("the helper is found beside the program and in libexec, and where the environment says before that")
    func finding() throws {
        let folder = try TemporaryDirectory()
        try folder.write("", to: "bin/voxsite")
        let program = folder.path(of: "bin/voxsite")
        #expect(SpeechHelper.find(environment: [:], program: program) == nil)
        for place in ["libexec", "libexec/voxsite", "bin"] {
            try folder.write("", to: "\(place)/voxsite-speech-helper")
            let path = folder.path(of: "\(place)/voxsite-speech-helper")
            #expect(SpeechHelper.find(environment: [:], program: program)?.path != path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            #expect(SpeechHelper.find(environment: [:], program: program)?.path == path)
        }
        let given = SpeechHelper.find(environment: ["VOXSITE_SPEECH_HELPER": "/nowhere/x"], program: program)
        #expect(given?.path == "/nowhere/x")
    }
}
