import Audio
import TestSupport

@testable import Avatar

extension RigEngine {
    /// Makes a clip of speech in memory.
    func render(
        _ speech: Speech,
        skin: any FaceSkin,
        seed: UInt64,
        to path: String,
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> ClipReport {
        let folder = try TemporaryDirectory()
        let sound = folder.path(of: "sound.wav")
        try AudioWriter.write(speech.audio, to: sound, as: .wav16)
        return try await render(
            audio: sound,
            phonemes: speech.phonemes,
            skin: skin,
            seed: seed,
            to: path,
            progress: progress
        )
    }
}
