/// One voice of espeak-ng: a language, perhaps with a variant of its sound.
struct EspeakVoice: Voice {
    let description: VoiceDescription
    /// What espeak-ng calls it: `en-us+f3`.
    let key: String
    let process: SpeechHelperProcess

    /// No text is spoken longer than this.
    static let longestSeconds = 3_600
    /// espeak-ng's own speed, in words a minute.
    private static let wordsPerMinute = 175.0

    func speak(_ text: String, settings: VoiceSettings) async throws -> Speech {
        try await render(text, settings: settings).speech
    }

    /// Speaks text and tells where its words are.
    ///
    /// - Throws: as ``Voice/speak(_:settings:)``.
    func render(_ text: String, settings: VoiceSettings) async throws -> SpeechRendering {
        try settings.validate()
        let text = try SpokenText.validated(text)
        do {
            return try await render(checked: text, settings)
        } catch let crash as SpeechHelperProcess.Crash {
            // espeak-ng 1.51 sometimes crashes where symbols that a language does not know stand side by side.
            let plain = SpokenText.withoutSymbols(text)
            guard plain != text else { throw crash.error }
            do { return try await render(checked: plain, settings) } catch is SpeechHelperProcess.Crash {
                throw crash.error
            }
        }
    }

    private func render(checked text: String, _ settings: VoiceSettings) async throws -> SpeechRendering {
        var assembly = SpeechAssembly()
        try await process.speak(text, arguments(settings)) { frame in
            try assembly.take(frame)
            guard assembly.samples.count <= Self.longestSeconds * max(1, assembly.rateHz) else {
                throw AvatarError.text(reason: "it takes more than an hour to say; cut it into parts")
            }
        }
        guard assembly.isEnded else { throw process.failure("its output has no end") }
        let rendering = assembly.finish()
        guard rendering.speech.phonemes.contains(where: { !$0.symbol.isEmpty }) else {
            throw AvatarError.text(
                reason:
                    "\(VisibleText.quoted(text)) holds nothing that \(description.name) can say; add words"
            )
        }
        return rendering
    }

    private func arguments(_ settings: VoiceSettings) -> [String] {
        [
            "--voice", key,
            "--rate", "\(Int((Self.wordsPerMinute * settings.speed).rounded()))",
            "--pitch", "\(Int((100 * settings.pitch).rounded()))",
            "--range", "\(Int((100 * (1 - settings.stability)).rounded()))",
        ]
    }
}
