import Audio
import Files
import Glibc
import Synchronization

/// The files that a clip needs while it is made, beside its target, gone when their owner goes.
final class TemporaryFiles: Sendable {
    /// The sound for the encoder.
    let audioPath: String
    /// The video that is being written.
    let videoPath: String

    private static let counter = Atomic<UInt64>(0)

    init(beside path: String) {
        let serial = Self.counter.add(1, ordering: .relaxed).newValue
        let stem = "\(FileSystem.folder(of: path))/.voxsite-clip-\(getpid())-\(serial)"
        audioPath = stem + ".wav"
        videoPath = stem + ".video"
    }

    deinit {
        unlink(audioPath)
        unlink(videoPath)
    }

    /// Writes the sound as 16-bit WAV, block by block, so that a long clip is not in memory twice.
    ///
    /// Format: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
    func writeAudio(_ audio: AudioSignal) throws(AvatarError) {
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
            try AtomicFile.write(to: audioPath, synchronizing: false) { file throws(FilesError) in
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
