import Foundation

/// A recording that needs no voice: a tone.
enum ToneFile {
    /// A WAVE file of one channel of 16-bit samples at 16 kHz.
    static func wave(seconds: Int) -> [UInt8] {
        let samples = (0..<seconds * 16_000).map { Int16(12_000 * sin(Double($0) / 12)) }
        func little(_ value: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let data = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let count = UInt32(data.count)
        return Array("RIFF".utf8) + little(36 + count) + Array("WAVEfmt ".utf8) + little(16) + [1, 0, 1, 0]
            + little(16_000) + little(32_000) + [2, 0, 16, 0] + Array("data".utf8) + little(count) + data
    }
}
