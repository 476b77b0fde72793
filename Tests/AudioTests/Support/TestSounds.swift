import CSndFile
import Foundation
import TestSupport
import Testing

@testable import Audio

/// Sounds for tests, and files of them in any format that libsndfile writes.
enum TestSounds {
    /// A sine of `amplitude`.
    static func tone(
        hertz: Double,
        rateHz: Int,
        count: Int,
        amplitude: Double = 0.5,
        phase: Double = 0
    ) -> [Float] {
        (0..<count).map { Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rateHz) + phase)) }
    }

    /// Something like a voice: harmonics that swell and fade, a little noise, all on the 16-bit grid.
    static func speech(rateHz: Int, count: Int, random: inout SeededRandom) -> [Float] {
        (0..<count).map { index in
            let seconds = Double(index) / Double(rateHz)
            let swell = 0.5 + 0.5 * sin(2 * .pi * 3 * seconds)
            let voice = (1...5).reduce(0.0) { $0 + sin(2 * .pi * 140 * Double($1) * seconds) / Double($1) }
            let noise = Double.random(in: -0.02...0.02, using: &random)
            return Float(((0.25 * voice * swell + noise) * 32_768).rounded() / 32_768)
        }
    }

    /// The bytes of a file of samples of shape `[frames, channels]`, in libsndfile's `format`.
    static func file(
        _ interleaved: [Float],
        channels: Int = 1,
        rateHz: Int = 16_000,
        format: Int
    ) throws -> [UInt8] {
        let file = VirtualFile()
        try fill(file, interleaved, channels: channels, rateHz: rateHz, format: format)
        return file.bytes
    }

    /// A function of its own, so that the handle is closed, and the file complete, when it returns.
    private static func fill(
        _ file: VirtualFile,
        _ interleaved: [Float],
        channels: Int,
        rateHz: Int,
        format: Int
    ) throws {
        var information = SF_INFO()
        information.channels = Int32(channels)
        information.samplerate = Int32(rateHz)
        information.format = Int32(format)
        let handle = try SoundHandle(writing: file, information, target: "the test's file")
        _ = sf_command(handle.pointer, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
        var start = 0
        while start < interleaved.count {
            let block = Array(interleaved[start..<min(start + 1_024 * channels, interleaved.count)])
            guard sf_write_float(handle.pointer, block, sf_count_t(block.count)) == block.count else {
                throw AudioError.encoding(target: "the test's file", reason: handle.lastError() ?? "?")
            }
            start += block.count
        }
    }
}

/// A format that decoders are tested with.
struct TestFormat: Sendable, CustomTestStringConvertible {
    let name: String
    let format: Int
    let container: AudioContainer
    let coding: SampleCoding
    /// The largest error of a sample of full scale 1; nil for codings that only sound alike.
    let tolerance: Float?

    var testDescription: String { name }

    private init(
        _ name: String,
        _ format: Int,
        _ container: AudioContainer,
        _ coding: SampleCoding,
        _ tolerance: Float?
    ) {
        self.name = name
        self.format = format
        self.container = container
        self.coding = coding
        self.tolerance = tolerance
    }

    /// Formats whose samples come back exactly or nearly so.
    static let waveforms: [TestFormat] = [
        TestFormat("WAV 8", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, .wav, .pcm8, 0.01),
        TestFormat("WAV 16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, .wav, .pcm16, 1 / 32_768),
        TestFormat("WAV 24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, .wav, .pcm24, 1e-6),
        TestFormat("WAV 32", SF_FORMAT_WAV | SF_FORMAT_PCM_32, .wav, .pcm32, 1e-6),
        TestFormat("WAV float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, .wav, .float32, 0),
        TestFormat("WAV double", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, .wav, .float64, 0),
        TestFormat("WAV mu-law", SF_FORMAT_WAV | SF_FORMAT_ULAW, .wav, .muLaw, 0.05),
        TestFormat("WAV A-law", SF_FORMAT_WAV | SF_FORMAT_ALAW, .wav, .aLaw, 0.05),
        TestFormat("WAV extensible", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, .wav, .pcm24, 1e-6),
        TestFormat("RIFX", SF_FORMAT_WAV | SF_ENDIAN_BIG | SF_FORMAT_PCM_16, .wav, .pcm16, 1 / 32_768),
        TestFormat("RF64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, .rf64, .pcm16, 1 / 32_768),
        TestFormat("W64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, .w64, .pcm16, 1 / 32_768),
        TestFormat("AIFF 16", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, .aiff, .pcm16, 1 / 32_768),
        TestFormat("AIFF 24", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, .aiff, .pcm24, 1e-6),
        TestFormat("AIFF float", SF_FORMAT_AIFF | SF_FORMAT_FLOAT, .aiff, .float32, 0),
        TestFormat("AU", SF_FORMAT_AU | SF_FORMAT_PCM_16, .au, .pcm16, 1 / 32_768),
        TestFormat("CAF", SF_FORMAT_CAF | SF_FORMAT_PCM_24, .caf, .pcm24, 1e-6),
        TestFormat("NIST", SF_FORMAT_NIST | SF_FORMAT_PCM_16, .nist, .pcm16, 1 / 32_768),
        TestFormat("FLAC 8", SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, .flac, .pcm8, 0.01),
        TestFormat("FLAC 16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, .flac, .pcm16, 1 / 32_768),
        TestFormat("FLAC 24", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, .flac, .pcm24, 1e-6),
    ]

    static let vorbis = TestFormat("Vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS, .ogg, .vorbis, nil)
    static let opus = TestFormat("Opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, .ogg, .opus, nil)
    static let mp3 = TestFormat("MP3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, .mpeg, .mpeg, nil)
    static let wav16 = TestFormat("WAV 16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, .wav, .pcm16, 1 / 32_768)
    static let flac16 = TestFormat("FLAC 16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, .flac, .pcm16, 1 / 32_768)

    /// Formats that only sound alike, as far as this libsndfile has them.
    static var lossy: [TestFormat] { [vorbis, opus] + (hasMP3 ? [mp3] : []) }

    /// Whether the installed libsndfile writes and reads MP3: those from 1.1 on may.
    static let hasMP3 = (try? TestSounds.file([0, 0], format: mp3.format)) != nil
}
