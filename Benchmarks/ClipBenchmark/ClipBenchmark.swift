import Audio
import Avatar
import Foundation

/// Makes clips of speech with every drawn avatar in a folder, and prints what they took.
///
/// `ClipBenchmark AVATARS SOUND PHONEMES SECONDS SIZES [FORMAT]` says the speech of a WAV file again and again for so
/// many seconds, in pictures of each of the sizes (`512,256`), as MP4 unless told otherwise; for more than a minute
/// with the first avatar alone. It prints one line per clip, separated by tabs: the avatar, the size, the real-time
/// factor, seconds of processor time per second of sound, milliseconds until the encoder has the first picture, the
/// median milliseconds per picture, the peak memory of this process and of the encoder in MB, the correlation of mouth
/// and sound, and the lag in pictures. The phonemes' file has lines of onset in milliseconds, a tab, and the symbol.
@main
enum ClipBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6 || arguments.count == 7, let seconds = Double(arguments[4]) else {
            print("usage: ClipBenchmark AVATARS SOUND PHONEMES SECONDS SIZES [FORMAT]")
            return
        }
        let library = AvatarLibrary(folders: [arguments[1]])
        let stem = "\(FileManager.default.temporaryDirectory.path)/voxsite-clip-benchmark-\(getpid())"
        let files = ClipReport.Files(video: "\(stem).\(arguments.count == 7 ? arguments[6] : "mp4")")
        let sound = stem + ".wav"
        defer {
            for path in [files.video, files.poster, files.mouth, sound] { unlink(path) }
        }
        let period = try repeatSound(arguments[2], seconds: seconds, to: sound)
        let phonemes = try phonemes(arguments[3], period: period, seconds: seconds)
        let avatars = library.entries.filter { $0.kind == .drawn }.prefix(seconds > 60 ? 1 : .max)
        for size in arguments[5].split(separator: ",").compactMap({ Int($0) }) {
            for entry in avatars {
                let skin = try library.skin(entry.id, size: size)
                let report = try await RigEngine().render(
                    audio: sound,
                    phonemes: phonemes,
                    skin: skin,
                    seed: 1,
                    to: files.video
                )
                tell(report, of: entry.id)
            }
        }
    }

    private static func tell(_ report: ClipReport, of name: String) {
        let numbers = [
            report.realTimeFactor, report.userSeconds / report.audioSeconds, report.firstFrameSeconds * 1_000,
            report.frameMilliseconds.first ?? 0, Double(report.peakMemoryBytes) / 1e6,
            Double(report.encoderPeakMemoryBytes) / 1e6, report.quality.syncCorrelation ?? 0,
            Double(report.quality.syncLagFrames ?? 99),
        ]
        print(
            ([name, "\(report.size)"] + numbers.map { String(format: "%.3f", $0) }).joined(separator: "\t")
        )
    }

    /// Writes a 16-bit WAV file again and again until a duration is reached, of which no copy is in memory.
    ///
    /// - Returns: how long the speech is, in seconds.
    private static func repeatSound(_ path: String, seconds: Double, to target: String) throws -> Double {
        let information = try AudioFile.information(path)
        let one = try AudioWriter.encode(try AudioFile.read(path), as: .wav16)
        let rate = information.sampleRateHz
        let headerByteCount = 44
        let byteCount = Int(seconds * Double(rate)) * 2
        func bytes(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        var header = Array(one.prefix(headerByteCount))
        header.replaceSubrange(4..<8, with: bytes(byteCount + headerByteCount - 8))
        header.replaceSubrange(40..<44, with: bytes(byteCount))
        try Data(header).write(to: URL(filePath: target))
        let handle = try FileHandle(forWritingTo: URL(filePath: target))
        try handle.seekToEnd()
        var left = byteCount
        while left > 0 {
            let piece = one.dropFirst(headerByteCount).prefix(left)
            try handle.write(contentsOf: Data(piece))
            left -= piece.count
        }
        try handle.close()
        return Double((one.count - headerByteCount) / 2) / Double(rate)
    }

    /// The phonemes of the speech, as often as it is said.
    private static func phonemes(_ path: String, period: Double, seconds: Double) throws -> [TimedPhoneme] {
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            return ((Double(columns.first ?? "") ?? 0) / 1_000, columns.count > 1 ? String(columns[1]) : "")
        }
        let ends = rows.dropFirst().map(\.0) + [period]
        return stride(from: 0, to: seconds, by: period).flatMap { shift in
            zip(rows, ends).map { row, end in
                TimedPhoneme(symbol: row.1, startSeconds: row.0 + shift, endSeconds: end + shift)
            }
        }
    }
}
