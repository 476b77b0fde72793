import Audio
import Foundation
import TestSupport

@testable import Trainer

/// Small corpora of generated sound.
enum TestCorpus {
    /// A tone that no other utterance has, on the 16-bit grid.
    static func tone(_ number: Int, seconds: Double, rateHz: Int = 16_000) -> AudioSignal {
        let count = Int((seconds * Double(rateHz)).rounded())
        let samples = (0..<count).map { index -> Float in
            let value = 0.4 * sin(2 * .pi * Double(200 + 13 * number) * Double(index) / Double(rateHz))
            return Float((value * 32_768).rounded() / 32_768)
        }
        return AudioSignal(samples: samples, sampleRateHz: rateHz)
    }

    /// A folder of LibriSpeech's layout with utterances of the given lengths, three a chapter.
    static func folder(seconds: [Double], encoding: AudioEncoding = .flac16) throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        for (number, length) in seconds.enumerated() {
            let (speaker, chapter) = (10 + number / 6, 100 + number / 3)
            let id = "\(speaker)-\(chapter)-000\(number % 3)"
            let name = "\(speaker)/\(chapter)/\(id).\(encoding.fileExtension)"
            try folder.write(try AudioWriter.encode(tone(number, seconds: length), as: encoding), to: name)
            try folder.append(
                "\(id) WORD \(number)\n",
                to: "\(speaker)/\(chapter)/\(speaker)-\(chapter).trans.txt"
            )
        }
        return folder
    }

    /// A corpus of lengths alone, without files.
    static func lengths(_ seconds: [Double]) -> Corpus {
        Corpus(
            utterances: seconds.enumerated().map {
                Utterance(id: "u\($0.offset)", audioPath: "/nowhere", text: "a", durationSeconds: $0.element)
            }
        )
    }

    /// Random lengths as in LibriSpeech: many near 14 s, some short.
    static func lengths(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        (0..<count).map { _ in
            Bool.random(using: &random)
                ? Double.random(in: 12...16.5, using: &random) : Double.random(in: 0.025...30, using: &random)
        }
    }

    /// One token for each letter.
    @Sendable static func encode(_ text: String) -> [Int32] { text.utf8.map { Int32($0) } }
}
