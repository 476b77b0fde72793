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

    /// Writes the sound.
    func writeAudio(_ audio: AudioSignal) throws(AvatarError) { try WaveFile.write(audio, to: audioPath) }
}
