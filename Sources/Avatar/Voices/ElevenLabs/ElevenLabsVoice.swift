import Audio
import Foundation

/// One voice of an ElevenLabs account.
struct ElevenLabsVoice: Voice {
    let description: VoiceDescription
    let key: Secret
    let configuration: ElevenLabsConfiguration
    let pronunciation: EspeakProvider?

    /// Uncompressed, so that times are exact; the account needs no paid plan for this rate.
    private static let sampleRateHz = 22_050
    /// What the fastest model takes at once.
    private static let characterLimit = 40_000
    /// Forty minutes of samples in base 64, and the times of their characters.
    private static let answerLimit = 192 << 20
    /// What the service takes.
    private static let speeds = 0.7...1.2

    private var identifier: String { String(description.id.dropFirst(ElevenLabsProvider.prefix.count + 1)) }

    /// Whether a voice's identifier is one: it becomes part of an address.
    static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch UnicodeScalar(byte) {
                case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }

    func speak(_ text: String, settings: VoiceSettings) async throws -> Speech {
        try settings.validate()
        let text = try SpokenText.validated(text, characterLimit: Self.characterLimit)
        let answer = try await ask(text, settings)
        let audio = try audio(answer)
        guard let pronunciation else { return Speech(audio: audio, phonemes: []) }
        return Speech(audio: audio, phonemes: try await phonemes(of: text, answer, audio, pronunciation))
    }

    private var refusal: ElevenLabsRefusal { ElevenLabsRefusal(configuration: configuration, key: key) }

    private func ask(
        _ text: String,
        _ settings: VoiceSettings
    ) async throws -> ElevenLabsMessages.SpeechAnswer {
        let message = ElevenLabsMessages.SpeechRequest(
            text: text,
            modelId: configuration.model,
            voiceSettings: .init(
                stability: settings.stability,
                similarityBoost: settings.similarityBoost,
                speed: min(max(settings.speed, Self.speeds.lowerBound), Self.speeds.upperBound)
            )
        )
        let path = "/v1/text-to-speech/\(identifier)/with-timestamps?output_format=pcm_\(Self.sampleRateHz)"
        let request = WebRequest(
            url: try configuration.url(path),
            body: try Array(ElevenLabsMessages.encoder.encode(message)),
            headers: [
                ("xi-api-key", key.value), ("Content-Type", "application/json"),
                ("Accept", "application/json"),
            ],
            answerLimit: Self.answerLimit,
            connectSeconds: configuration.connectSeconds,
            timeoutSeconds: configuration.timeoutSeconds
        )
        let answer: WebAnswer
        do { answer = try await WebTransfer.run(request) } catch let failure as WebFailure {
            throw refusal.error(for: failure)
        }
        if let error = refusal.error(for: answer, voice: identifier) { throw error }
        do {
            return try ElevenLabsMessages.decoder.decode(
                ElevenLabsMessages.SpeechAnswer.self,
                from: Data(answer.body)
            )
        } catch { throw refusal.nonsense("it holds no audio") }
    }

    private func audio(_ answer: ElevenLabsMessages.SpeechAnswer) throws -> AudioSignal {
        guard let bytes = Data(base64Encoded: answer.audioBase64), bytes.count >= 2 else {
            throw refusal.nonsense("its audio is empty or damaged")
        }
        return AudioSignal(samples: PCM.samples(Array(bytes)[...]), sampleRateHz: Self.sampleRateHz)
    }

    /// The sounds by the times of the letters; by the audio alone where those do not fit the text.
    ///
    /// Where espeak-ng cannot help, the speech is still worth having: it has no sounds then.
    private func phonemes(
        of text: String,
        _ answer: ElevenLabsMessages.SpeechAnswer,
        _ audio: AudioSignal,
        _ pronunciation: EspeakProvider
    ) async throws -> [TimedPhoneme] {
        let reference: SpeechRendering
        do {
            reference = try await pronunciation.pronounce(text, language: description.language)
        } catch is AvatarError {
            return []
        }
        let times = answer.alignment.flatMap { CharacterTimes($0, text: text) }
        guard let times else { return try await PhonemeAlignment.align(reference.speech, to: audio) }
        return WordFitting.fit(reference, to: times, durationSeconds: audio.durationSeconds)
    }
}
