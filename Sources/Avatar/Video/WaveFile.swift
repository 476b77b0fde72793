import Audio
import Files

/// Sound files that are written.
enum WaveFile {
    /// Writes the sound as 16-bit WAV, block by block, so that a long clip is not in memory twice.
    ///
    /// Format: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
    ///
    /// - Parameters:
    ///   - audio: one channel; what is beyond full scale is clipped.
    ///   - path: the file, which appears when it is whole.
    /// - Throws: ``AvatarError/clipRefused(reason:)`` for more than 4 GiB, ``AvatarError/file(_:)``.
    static func write(_ audio: AudioSignal, to path: String) throws(AvatarError) {
        let byteCount = audio.samples.count * 2
        guard byteCount <= Int(UInt32.max) - 36, let rate = UInt32(exactly: audio.sampleRateHz),
            rate <= UInt32.max / 2
        else { throw .clipRefused(reason: "the sound is longer than a WAV file can be") }
        var header = Array("RIFF".utf8)
        func number(_ value: UInt32, bytes: Int) {
            for index in 0..<bytes { header.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) }
        }
        number(UInt32(36 + byteCount), bytes: 4)
        header += Array("WAVEfmt ".utf8)
        number(16, bytes: 4)
        number(1, bytes: 2)
        number(1, bytes: 2)
        number(rate, bytes: 4)
        number(rate * 2, bytes: 4)
        number(2, bytes: 2)
        number(16, bytes: 2)
        header += Array("data".utf8)
        number(UInt32(byteCount), bytes: 4)
        do {
            try AtomicFile.write(to: path, synchronizing: false) { file throws(FilesError) in
                try file.write(header)
                var start = 0
                while start < audio.samples.count {
                    let end = min(start + 32_768, audio.samples.count)
                    let numbers = audio.samples[start..<end].map { sample in
                        let finite = sample.isFinite ? sample : 0
                        return Int16(min(max((finite * 32_768).rounded(), -32_768), 32_767)).littleEndian
                    }
                    let block = numbers.withUnsafeBytes { Array($0) }
                    try file.write(block)
                    start = end
                }
            }
        } catch {
            throw .file(error)
        }
    }
}
