import ArgumentParser
import Avatar
import RunRecords

struct SpeakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "speak",
        abstract: "Make a talking-head clip of a text or a recording.",
        usage: """
            voxsite speak "Your quest awaits" --avatar art_0 -o quest.mp4
            voxsite speak --audio talk.flac --text-of-audio "Good morning" -o talk.webm
            voxsite speak --list-voices
            """,
        discussion: """
            Every clip is also appended to a run of its own day in the folder of runs, with its poster, waveform, \
            timings and quality, and so appears on the dashboard. When the video fails, the sound is kept and the exit \
            code is 1. Nothing half-made is left behind.
            """
    )

    @OptionGroup var sound: SpeakSoundOptions
    @OptionGroup var picture: SpeakPictureOptions

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("Also write the clip here: .mp4, .webm, or .wav for the sound.", valueName: "file")
    )
    var output: String?

    @Option(name: .shortAndLong, help: "The folder of runs.")
    var runs = "runs"

    @Option(help: ArgumentHelp("The run to append to. (default: avatar- and the date)", valueName: "id"))
    var run: String?

    @Flag(name: .customLong("list-voices"), help: "Say which voices there are.")
    var listsVoices = false

    @Flag(name: .customLong("list-avatars"), help: "Say which avatars there are.")
    var listsAvatars = false

    @Flag(help: "Print JSON on standard output.")
    var json = false

    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard !listsVoices || !listsAvatars else {
            throw ValidationError("--list-voices or --list-avatars, one at a time")
        }
        guard !listsVoices, !listsAvatars else { return }
        guard sound.text != nil || sound.audio != nil else {
            throw ValidationError("give a text to say, or a recording with --audio")
        }
        if let output, outputKind(output) == nil {
            throw ValidationError("--output: \(output) ends in none of .mp4, .webm and .wav")
        }
        if let output, picture.withoutVideo, outputKind(output) != .sound {
            throw ValidationError("--no-video makes no \(output); give --output a name that ends in .wav")
        }
        // The site has no pages for such runs.
        if let run, run.hasPrefix(".") { throw ValidationError("--run: \(run) must not begin with a dot") }
        if let run, (try? RunID(validating: run)) == nil {
            throw ValidationError("--run: \(run) is not 1 to 128 of A-Z a-z 0-9 . _ -")
        }
    }

    func run() async throws {
        let maker = try AvatarWiring.clipMaker(avatars: picture.avatars, enhancer: picture.enhancer)
        let command = self
        guard !listsVoices, !listsAvatars else {
            return try await Interruption.cancelling { try await command.list(maker) }
        }
        let destination = try output.map { path throws(AvatarError) in try ClipDestination(path) }
        let words = try Interruption.exiting { try sound.words() }
        try await Interruption.cancelling {
            try await command.speak(words, to: destination, with: maker)
        }
    }

    private func list(_ maker: ClipMaker) async throws {
        let listing = SpeakListing(printsJSON: json)
        if listsVoices { try await listing.voices(maker.voices) } else { listing.avatars(maker.avatars) }
    }

    private enum OutputKind: Equatable {
        case video(ClipFormat)
        case sound
    }

    private func outputKind(_ path: String) -> OutputKind? {
        if path.lowercased().hasSuffix(".wav") { return .sound }
        return ClipFormat(path: path).map { .video($0) }
    }

    private func speak(
        _ words: String?,
        to destination: ClipDestination?,
        with maker: ClipMaker
    ) async throws {
        var request = ClipRequest(
            sound: try sound.sound(saying: words),
            avatar: picture.avatar,
            hasVideo: !picture.withoutVideo,
            engine: picture.engine,
            size: picture.size,
            seed: picture.seed
        )
        switch output.flatMap(outputKind) {
        case .video(let format): request.format = format
        case .sound: request.hasVideo = false
        case nil: break
        }
        let reporter = SpeakReporter(console: talk.console, printsJSON: json)
        defer { reporter.endProgress() }
        let session = ClipSession(maker: maker, runs: runs, run: run)
        let made = try await session.make(request) { reporter.tell($0) }
        reporter.endProgress()
        let source = request.hasVideo ? made.clip.videoPath : made.clip.audioPath
        if let source { try destination?.receive(source) }
        let best = request.engine == EngineChoice.automatic ? maker.engines.expected?.name : nil
        reporter.finish(made, output: source == nil ? nil : output, bestEngine: best)
        if picture.enhancer != nil, let engine = made.clip.animation?.engine, !engine.hasPrefix("sadtalker") {
            talk.console.say("--enhancer had no effect: \(engine) made the video, not SadTalker")
        }
        if made.clip.videoProblem != nil { throw ExitCode(1) }
    }
}
