import ArgumentParser
import Foundation
import Trainer

struct TranscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Write down what is said in recordings.",
        discussion: """
            voxsite transcribe talk.flac --checkpoint checkpoints/stage2/best.safetensors
            voxsite transcribe recordings/ --checkpoint best.safetensors --json

            Of a folder, all recordings in it and below. One line for each recording: its path where there are several, \
            a tab, and the text. --json prints an object a line, with the times of words.
            """
    )

    @Argument(help: "Recordings, or folders of them.")
    var audio: [String]

    @Option(help: "A checkpoint that voxsite train wrote: best.safetensors.")
    var checkpoint: String

    @Option(
        help: "How many beginnings of a text the decoder follows; 0 reads the frames alone, which is fastest."
    )
    var beam = 4

    @Option(help: "How much the frames have to say beside the decoder, from 0 to 1.")
    var ctcWeight = 0.3

    @Option(help: "How much a token that was there before is disliked; 1 for not at all.")
    var repetitionPenalty = 1.0

    @Flag(help: "Print one JSON object for each recording, with the times of words.")
    var json = false

    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard (0...64).contains(beam) else { throw ValidationError("--beam: \(beam) is not from 0 to 64") }
        guard (0...1).contains(ctcWeight) else {
            throw ValidationError("--ctc-weight: \(ctcWeight) is not from 0 to 1")
        }
        guard repetitionPenalty >= 1, repetitionPenalty.isFinite else {
            throw ValidationError("--repetition-penalty: \(repetitionPenalty) is not 1 or more")
        }
    }

    func run() async throws {
        let recordings = try TranscribeRecordings(audio)
        let paths = recordings.paths
        guard !paths.isEmpty else {
            throw UsageError(
                recordings.problem ?? "\(audio.joined(separator: ", ")): no recording is in it"
            )
        }
        if let problem = recordings.problem { talk.console.say(problem) }
        let options = DecodingOptions(
            beamWidth: max(1, beam),
            repetitionPenalty: repetitionPenalty,
            connectionistWeight: ctcWeight
        )
        let recognizer = try Recognizer(
            checkpoint: checkpoint,
            search: beam == 0 ? .ctc : .decoder(options)
        )
        var failed = 0
        for path in paths {
            do {
                let found = try recognizer.transcribe(path)
                let line = paths.count > 1 ? "\(Console.visible(path))\t\(found.text)" : found.text
                Self.put(json ? try Self.json(found) : line)
            } catch {
                failed += 1
                Console.error("voxsite: \(error)")
            }
        }
        if failed > 0 {
            if paths.count > 1 {
                talk.console.say("\(failed) of \(paths.count) recordings could not be read.")
            }
            throw ExitCode.failure
        }
    }

    /// At once, so that a program behind a pipe sees each line when it is there.
    private static func put(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private struct Line: Encodable {
        struct Word: Encodable {
            var word: String
            var start, end: Double
            var logProbability: Double?

            enum CodingKeys: String, CodingKey {
                case word, start, end
                case logProbability = "log_probability"
            }
        }
        var path: String
        var duration: Double
        var text: String
        var words: [Word]
    }

    private static func json(_ found: Transcription) throws -> String {
        func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            path: found.path,
            duration: rounded(found.durationSeconds),
            text: found.text,
            words: found.words.map { word in
                Line.Word(
                    word: word.text,
                    start: rounded(word.startSeconds),
                    end: rounded(word.endSeconds),
                    logProbability: word.logProbability.map(rounded)
                )
            }
        )
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
}
