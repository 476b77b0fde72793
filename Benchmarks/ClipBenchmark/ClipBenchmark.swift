import Audio
import Avatar
import Foundation

/// Makes clips of ten seconds of speech with every avatar in a folder at 512 and 256 pixels, and prints what they took.
///
/// `ClipBenchmark AVATARS SOUND PHONEMES [SECONDS]` prints one line per clip, separated by tabs: the avatar, the size,
/// the real-time factor, seconds of processor time per second of sound, milliseconds until the encoder has the first
/// picture, the median milliseconds per picture, the peak memory of this process and of the encoder in MB, the
/// correlation of mouth and sound, and the lag in pictures. With SECONDS it makes one clip of that length at 256 pixels
/// instead. The phonemes' file has lines of onset in milliseconds, a tab, and the symbol.
@main
enum ClipBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 || arguments.count == 5 else {
            print("usage: ClipBenchmark AVATARS SOUND PHONEMES [SECONDS]")
            return
        }
        let library = AvatarLibrary(folders: [arguments[1]])
        let one = try speech(arguments[2], arguments[3])
        let target = "\(FileManager.default.temporaryDirectory.path)/voxsite-clip-benchmark-\(getpid()).mp4"
        let files = ClipReport.Files(video: target)
        defer {
            for path in [files.video, files.poster, files.waveform, files.mouth] { unlink(path) }
        }
        if arguments.count == 5, let seconds = Double(arguments[4]) {
            let long = repeated(one, seconds: seconds)
            try await measure(library.skin("default", size: 256), "default", long, target)
            return
        }
        let short = repeated(one, seconds: 10)
        for size in [512, 256] {
            for entry in library.entries where entry.kind == .drawn {
                try await measure(library.skin(entry.id, size: size), entry.id, short, target)
            }
        }
    }

    private static func measure(
        _ skin: any FaceSkin,
        _ name: String,
        _ speech: Speech,
        _ target: String
    ) async throws {
        let report = try await RigEngine().render(speech, skin: skin, seed: 1, to: target)
        let numbers = [
            report.realTimeFactor, report.userSeconds / report.audioSeconds, report.firstFrameSeconds * 1_000,
            report.frameMilliseconds.first ?? 0, Double(report.peakMemoryBytes) / 1e6,
            Double(report.encoderPeakMemoryBytes) / 1e6, report.quality.syncCorrelation ?? 0,
            Double(report.quality.syncLagFrames ?? 99),
        ]
        print(([name, "\(skin.size)"] + numbers.map { String(format: "%.3f", $0) }).joined(separator: "\t"))
    }

    private static func speech(_ sound: String, _ phonemes: String) throws -> Speech {
        let audio = try AudioFile.read(sound)
        let rows = try String(contentsOfFile: phonemes, encoding: .utf8).split(separator: "\n").map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            return ((Double(columns.first ?? "") ?? 0) / 1_000, columns.count > 1 ? String(columns[1]) : "")
        }
        var timed: [TimedPhoneme] = []
        for (index, row) in rows.enumerated() {
            let end = index + 1 < rows.count ? rows[index + 1].0 : audio.durationSeconds
            timed.append(TimedPhoneme(symbol: row.1, startSeconds: row.0, endSeconds: end))
        }
        return Speech(audio: audio, phonemes: timed)
    }

    /// The speech again and again until a duration is reached.
    private static func repeated(_ speech: Speech, seconds: Double) -> Speech {
        let count = Int(seconds * Double(speech.audio.sampleRateHz))
        let period = speech.audio.durationSeconds
        var samples: [Float] = []
        samples.reserveCapacity(count + speech.audio.samples.count)
        var phonemes: [TimedPhoneme] = []
        while samples.count < count {
            let shift = Double(samples.count) / Double(speech.audio.samples.count) * period
            for phoneme in speech.phonemes {
                phonemes.append(
                    TimedPhoneme(
                        symbol: phoneme.symbol,
                        startSeconds: phoneme.startSeconds + shift,
                        endSeconds: phoneme.endSeconds + shift
                    )
                )
            }
            samples += speech.audio.samples
        }
        samples.removeLast(samples.count - count)
        return Speech(
            audio: AudioSignal(samples: samples, sampleRateHz: speech.audio.sampleRateHz),
            phonemes: phonemes
        )
    }
}
