import Foundation
import Testing

@testable import Audio

/// Numbers that librosa and SciPy computed; `Fixtures/make_spectra.py` made them and says how.
struct SpectrumGolden: Decodable, Sendable {
    struct Filters: Decodable {
        let htk: Bool
        let area: Bool
        let weights: [Float]
    }

    let signal16: [Int]
    let hann48: [Float]
    let stft_zeros: [Float]
    let stft_reflection: [Float]
    let stft_none: [Float]
    let mel: [Filters]
    let hertz: [Double]
    let hertz_slaney: [Double]
    let hertz_htk: [Double]
    let speech_decibels: [Float]
    let speech_mfcc: [Float]
    let dct_input: [Float]
    let dct_output: [Float]
    let talking_head: [Float]

    /// The signal of all of them, at 16 kHz.
    var signal: AudioSignal {
        AudioSignal(samples: signal16.map { Float($0) / 32_768 }, sampleRateHz: 16_000)
    }

    static func read(file: String = #filePath) throws -> SpectrumGolden {
        let tests = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/spectra.json"))
        return try JSONDecoder().decode(SpectrumGolden.self, from: data)
    }
}

/// The largest difference of two rows of numbers; infinite where their lengths differ.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}
