import Foundation
import TestSupport
import Testing

/// Whatever another host says, it is understood or refused, and never the end of the program.
///
/// `make fuzz` does the same for as long as one likes.
@Suite struct RemoteInputTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["VOXSITE_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1_500

    @Test(arguments: RemoteInput.all)
    func `samples and whatever they become by damage are survived`(_ input: RemoteInput) async throws {
        for sample in input.samples { #expect(try await input.defect(sample) == nil) }
        var random = SeededRandom.fresh()
        var kept = input.samples
        for round in 0..<Self.rounds {
            let bytes = Self.damaged(kept[Int.random(in: kept.indices, using: &random)], among: kept, &random)
            let defect = try await input.defect(bytes)
            try #require(defect == nil, "round \(round), \(random): \(defect ?? "") in \(bytes)")
            // Damage upon damage reaches further than damage to what is whole.
            if kept.count < 200, Int.random(in: 0..<4, using: &random) == 0 { kept.append(bytes) }
        }
    }

    /// Bytes that mean something to some parser.
    private static let telling: [UInt8] = [
        0, 0x09, 0x0A, 0x0D, 0x1B, 0x20, 0x22, 0x2A, 0x2D, 0x2E, 0x2F, 0x30, 0x39, 0x3A, 0x5B, 0x5C, 0x7B,
        0x7F,
        0x80, 0x9B, 0xC2, 0xFF,
    ]
    private static let words = [
        "-1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e400", "../", "./",
        "\u{FFFD}", "\r\n",
        "NaN", "\u{1B}[2J",
    ]

    private static func damaged(
        _ sample: [UInt8],
        among all: [[UInt8]],
        _ random: inout SeededRandom
    ) -> [UInt8] {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes = Array(bytes[..<place])
            case 1:
                bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
            case 2: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            case 3: bytes.insert(telling[Int.random(in: telling.indices, using: &random)], at: place)
            case 4:
                bytes.insert(contentsOf: words[Int.random(in: words.indices, using: &random)].utf8, at: place)
            default:
                let other = all[Int.random(in: all.indices, using: &random)]
                bytes = Array(
                    (bytes[..<place] + other.suffix(Int.random(in: 0...other.count, using: &random))).prefix(
                        4_096
                    )
                )
            }
        }
        return bytes
    }
}
