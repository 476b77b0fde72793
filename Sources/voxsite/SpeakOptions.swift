import ArgumentParser
import Avatar
import Glibc

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

    @Option(help: ArgumentHelp("The recording's language, such as de.", valueName: "language"))
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

    /// The sound that these ask for.
    ///
    /// - Throws: `ValidationError` where they ask for none, ``AvatarError`` for text or a recording that is none.
    func sound() throws -> ClipRequest.Sound {
        if let audio {
            return .recording(try Recording(path: audio), text: textOfAudio, language: language)
        }
        guard let text else {
            throw ValidationError("give a text to say, or a recording with --audio")
        }
        let words = text == "-" ? try Self.standardInput() : text
        return .text(try SpokenText.validated(words), voice: voice, settings: settings)
    }

    /// All of standard input, as far as a text may be long.
    private static func standardInput() throws -> String {
        let limit = SpokenText.characterLimit * 10
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 || errno == EINTR else {
                throw UsageError("standard input cannot be read: \(String(cString: strerror(errno)))")
            }
            bytes += buffer.prefix(max(0, count))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UsageError("standard input is not UTF-8 text; convert it, for example with iconv")
        }
        return text
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
    }
}
