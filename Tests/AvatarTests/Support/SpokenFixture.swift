import Audio
import Avatar
import Foundation

/// Speech of espeak-ng with the phonemes that it reported: `<name>.ogg` and `<name>.phonemes`, whose lines are the
/// onset in milliseconds and the symbol.
enum SpokenFixture: String, CaseIterable {
    case english
    case german
    case french

    func speech() throws -> Speech {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures")
        let audio = try AudioFile.read(folder.appending(path: "\(rawValue).ogg").path)
        let text = try String(contentsOf: folder.appending(path: "\(rawValue).phonemes"), encoding: .utf8)
        let rows = text.split(separator: "\n").map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            return (seconds: (Double(columns[0]) ?? .nan) / 1_000, symbol: String(columns[1]))
        }
        var phonemes: [TimedPhoneme] = []
        for (index, row) in rows.enumerated() {
            let end = index + 1 < rows.count ? rows[index + 1].seconds : audio.durationSeconds
            guard end > row.seconds else { continue }
            phonemes.append(TimedPhoneme(symbol: row.symbol, startSeconds: row.seconds, endSeconds: end))
        }
        return Speech(audio: audio, phonemes: phonemes)
    }
}
