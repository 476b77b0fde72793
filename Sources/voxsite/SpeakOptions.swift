import ArgumentParser
import Avatar

/// Where the sound of a clip comes from.
struct SpeakSoundOptions: ParsableArguments {
    @Argument(help: "What to say; - reads it from standard input.")
    var text: String?

    @Option(
        help: ArgumentHelp("A recording instead of a text: any file libsndfile reads.", valueName: "file")
    )
    var audio: String?

    @Option(
        name: .customLong("text-of-audio"),
        help: ArgumentHelp(
            "What the recording says, word for word: the mouth then fits better.",
            valueName: "text"
        )
    )
    var textOfAudio: String?

    @Option(help: ArgumentHelp("The language of --text-of-audio, such as de.", valueName: "language"))
    var language: String?

    @Option(help: "Who says it; --list-voices names all. (default: the first of them)")
    var voice: String?

    @Option(help: "From lively (0) to even (1).")
    var stability = VoiceSettings().stability

    @Option(help: "How near a copied voice stays to its original, 0 to 1.")
    var similarity = VoiceSettings().similarityBoost

    @Option(help: "A factor of the voice's own speed, 0.5 to 2.")
    var speed = VoiceSettings().speed

    @Option(help: "From low (0) to high (1); espeak-ng alone.")
    var pitch = VoiceSettings().pitch

    func validate() throws {
        do {
            try settings.validate()
        } catch {
            throw ValidationError("\(error)")
        }
        guard audio != nil || (textOfAudio == nil && language == nil) else {
            throw ValidationError("--text-of-audio and --language tell of a recording: name it with --audio")
        }
        guard language == nil || textOfAudio != nil else {
            throw ValidationError(
                "--language says how the words of --text-of-audio are pronounced: give those, too, or leave it out"
            )
        }
        guard audio == nil || text == nil else {
            throw ValidationError(
                "give a text or --audio, not both; --text-of-audio is what a recording says"
            )
        }
        guard audio == nil || voice == nil else {
            throw ValidationError("--voice speaks a text; a recording has its own")
        }
    }

    private var settings: VoiceSettings {
        VoiceSettings(stability: stability, similarityBoost: similarity, speed: speed, pitch: pitch)
    }

    /// What is to be said; `-` waits for the end of standard input.
    ///
    /// - Returns: nil where a recording says it.
    /// - Throws: `UsageError` where standard input cannot be read or is no text.
    func words() throws -> String? {
        text == "-" ? try SpeakStandardInput.text() : text
    }

    /// The sound that these ask for.
    ///
    /// - Parameter words: ``words()``.
    /// - Returns: a text and its voice, or a recording that can be read.
    /// - Throws: `ValidationError` where they ask for none, ``AvatarError`` for text or a recording that is none.
    func sound(saying words: String?) throws -> ClipRequest.Sound {
        if let audio {
            return .recording(try Recording(path: audio), text: textOfAudio, language: language)
        }
        guard let words else {
            throw ValidationError("give a text to say, or a recording with --audio")
        }
        return .text(try SpokenText.validated(words), voice: voice, settings: settings)
    }
}

/// What a clip's video looks like.
struct SpeakPictureOptions: ParsableArguments {
    @Option(help: "Whose face; --list-avatars names all.")
    var avatar = ClipRequest.standardAvatar

    @Option(
        help: ArgumentHelp(
            "A folder of avatars of your own, beside those that there are.",
            valueName: "folder"
        )
    )
    var avatars: String?

    @Option(help: "What makes the video: auto, or the name of an engine.")
    var engine = EngineChoice.automatic

    @Option(
        help: ArgumentHelp(
            "What repairs the face in SadTalker's frames, which takes several times as long: gfpgan or RestoreFormer.",
            valueName: "name"
        ),
        transform: Self.enhancer
    )
    var enhancer: SadTalkerConfiguration.Enhancer?

    @Option(help: "The side of the picture in pixels: 256 or 512.")
    var size = 512

    @Option(help: "Blinks, looks and the head's drift follow from it.")
    var seed: UInt64 = 0

    @Flag(name: .customLong("no-video"), help: "Make the sound alone.")
    var withoutVideo = false

    func validate() throws {
        guard ClipRequest.sizes.contains(size) else {
            throw ValidationError("--size: \(size) is neither 256 nor 512")
        }
        guard enhancer == nil || (!withoutVideo && [EngineChoice.automatic, "sadtalker"].contains(engine))
        else {
            throw ValidationError(
                "--enhancer repairs what SadTalker draws: leave it out, or take --engine sadtalker and a video"
            )
        }
    }

    @Sendable private static func enhancer(_ name: String) throws -> SadTalkerConfiguration.Enhancer {
        if let enhancer = SadTalkerConfiguration.Enhancer(rawValue: name) { return enhancer }
        let names = SadTalkerConfiguration.Enhancer.allCases.map(\.rawValue).joined(separator: " nor ")
        throw ValidationError("\(name) is neither \(names)")
    }
}
