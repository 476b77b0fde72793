import Audio

/// Makes clips: a voice or a recording, and a face that says it.
///
/// The sound comes first and is kept whatever becomes of the video.
public struct ClipMaker: Sendable {
    /// Who can speak.
    public let voices: VoiceCatalog
    /// Who says how foreign sound is pronounced, for the mouth.
    public let pronunciation: EspeakProvider
    /// Where avatars are looked for, anew for every clip: the user's folders first.
    public let avatarFolders: [String]
    /// What can make videos.
    public let engines: EngineChoice
    /// How long each engine may take for a video, where it does not give itself more; nil for as long as it takes.
    public var videoSeconds: Double?

    /// - Parameters:
    ///   - voices: who can speak.
    ///   - pronunciation: says the text of recordings for comparison.
    ///   - avatarFolders: where avatars are looked for.
    ///   - engines: what can make videos.
    public init(
        voices: VoiceCatalog,
        pronunciation: EspeakProvider,
        avatarFolders: [String],
        engines: EngineChoice
    ) {
        self.voices = voices
        self.pronunciation = pronunciation
        self.avatarFolders = avatarFolders
        self.engines = engines
    }

    /// The avatars that there are now.
    public var avatars: AvatarLibrary { AvatarLibrary(folders: avatarFolders) }

    /// The longest that videos take where one engine after the other comes to the end of its time; nil where any time
    /// is given.
    var longestVideoSeconds: Double? {
        videoSeconds.map { _ in engines.engines.reduce(0) { $0 + (seconds(for: $1) ?? 0) } }
    }

    private func seconds(for engine: any AnimationEngine) -> Double? {
        videoSeconds.map { max($0, engine.limitSeconds ?? 0) }
    }

    /// A request that has been checked: its voice and its avatar are there.
    public struct Prepared: Sendable {
        fileprivate let request: ClipRequest
        fileprivate let voice: (any Voice)?
        fileprivate let avatar: AvatarLibrary.Entry?
        fileprivate let library: AvatarLibrary
    }

    /// Checks what a request asks for before anything is made, which may cost money.
    ///
    /// - Parameter request: what is wanted.
    /// - Returns: what ``make(_:files:progress:)`` takes.
    /// - Throws: ``AvatarError`` for text, settings, a voice, an avatar or a size that there is not, and for an avatar
    ///   that cannot be moved; `CancellationError`.
    public func prepare(_ request: ClipRequest) async throws -> Prepared {
        let library = avatars
        let avatar = request.hasVideo ? try Self.avatar(request, in: library) : nil
        if let avatar { try await engines.check(request.engine, for: avatar) }
        var voice: (any Voice)?
        switch request.sound {
        case .text(let text, let name, let settings):
            try settings.validate()
            try SpokenText.validated(text)
            voice = try await voices.voice(name)
        case .recording(_, let text, _):
            if let text { try SpokenText.validated(text) }
        }
        return Prepared(request: request, voice: voice, avatar: avatar, library: library)
    }

    /// Makes a clip.
    ///
    /// - Parameters:
    ///   - prepared: what is wanted, checked.
    ///   - files: where it goes; the folder exists.
    ///   - progress: told how far it is.
    /// - Returns: the clip; without its video, and with the reason, where that failed.
    /// - Throws: ``AvatarError`` where there is no sound; `CancellationError`. Nothing is left behind then.
    @concurrent
    public func make(
        _ prepared: Prepared,
        files: ClipFiles,
        progress: @escaping @Sendable (ClipProgress) -> Void = { _ in }
    ) async throws -> Clip {
        let request = prepared.request
        let start = ContinuousClock.now
        progress(ClipProgress(stage: .voice, fraction: nil, text: "speaking"))
        var clip: Clip
        do {
            let sound = try await makeSound(prepared, files)
            clip = Clip(
                text: request.text,
                voice: sound.voice,
                audioPath: files.audio,
                waveformPath: files.waveform,
                seed: request.seed,
                durationSeconds: sound.durationSeconds,
                processingSeconds: 0,
                timings: sound.timings
            )
            if let avatar = prepared.avatar {
                clip.avatar = avatar.id
                let task = AnimationTask(
                    audioPath: files.audio,
                    phonemes: sound.phonemes,
                    avatar: avatar,
                    library: prepared.library,
                    size: request.size,
                    seed: request.seed,
                    videoPath: files.video(request.format)
                )
                try await animate(task, by: request.engine, files, into: &clip, progress)
            }
        } catch {
            files.removeAll()
            throw error
        }
        clip.processingSeconds = start.elapsedSeconds
        return clip
    }

    /// Checks what costs nothing to check before anything is spoken, which may cost money.
    private static func avatar(
        _ request: ClipRequest,
        in library: AvatarLibrary
    ) throws(AvatarError) -> AvatarLibrary.Entry {
        guard ClipRequest.sizes.contains(request.size) else {
            let sizes = ClipRequest.sizes.map(String.init).joined(separator: " and ")
            throw .clipRefused(reason: "\(request.size) pixels; pictures of \(sizes) are made")
        }
        return try library.entry(request.avatar)
    }

    /// The sound of a clip, which lies in its file: in memory ten minutes of it would be 50 to 115 MB.
    private struct Sound {
        var voice: String
        var phonemes: [TimedPhoneme]
        var durationSeconds: Double
        var timings: [Measure]
    }

    private func makeSound(_ prepared: Prepared, _ files: ClipFiles) async throws -> Sound {
        let start = ContinuousClock.now
        switch prepared.request.sound {
        case .text(let text, let name, let settings):
            let voice = if let voice = prepared.voice { voice } else { try await voices.voice(name) }
            let speech = try await voice.speak(text, settings: settings)
            let count = speech.audio.samples.count
            return try write(
                SoundBlocks(speech.audio),
                count,
                files,
                voice: voice.id,
                speech.phonemes,
                since: start
            )
        case .recording(let recording, let text, let language):
            var phonemes: [TimedPhoneme] = []
            if let text {
                phonemes = try await recording.phonemes(
                    of: text,
                    language: language,
                    pronunciation: pronunciation
                )
            }
            return try write(
                recording.blocks(),
                recording.sampleCount,
                files,
                voice: "recording",
                phonemes,
                since: start
            )
        }
    }

    private func write(
        _ blocks: consuming SoundBlocks,
        _ sampleCount: Int,
        _ files: ClipFiles,
        voice: String,
        _ phonemes: [TimedPhoneme],
        since start: ContinuousClock.Instant
    ) throws -> Sound {
        guard sampleCount > 0 else { throw AvatarError.text(reason: "no sound came of it") }
        let rateHz = blocks.sampleRateHz
        let spoken = Measure("voice", start.elapsedSeconds)
        let writing = ContinuousClock.now
        var waveform = WaveformBuilder(sampleCount: sampleCount, bucketCount: ClipPictures.width)
        do {
            try WaveFile.write(blocks, sampleCount: sampleCount, to: files.audio) { waveform.append($0) }
        } catch let error as AudioError {
            throw AvatarError.recording(error)
        }
        try ClipPictures.waveform(waveform.summary).writePNG(to: files.waveform)
        return Sound(
            voice: voice,
            phonemes: phonemes,
            durationSeconds: Double(sampleCount) / Double(rateHz),
            timings: [spoken, Measure("sound", writing.elapsedSeconds)]
        )
    }

    /// Adds the video to a clip, or the reason why there is none.
    private func animate(
        _ task: AnimationTask,
        by engine: String,
        _ files: ClipFiles,
        into clip: inout Clip,
        _ progress: @escaping @Sendable (ClipProgress) -> Void
    ) async throws {
        var problems: [String] = []
        do {
            let decision = try await engines.decide(engine)
            clip.engineReason = decision.reason
            for engine in decision.engines {
                do {
                    // The time is the video's alone: when it is up, the sound is kept, and the next engine has its own.
                    let result = try await TimeLimit.run(
                        seconds: seconds(for: engine),
                        what: "the video"
                    ) {
                        try await engine.animate(task) { state in
                            progress(ClipProgress(stage: .video, fraction: state.fraction, text: state.text))
                        }
                    }
                    clip.finish(with: result, at: task.videoPath, after: problems, by: engine.name)
                    return
                } catch {
                    try Task.checkCancellation()
                    files.removeVideo()
                    problems.append("\(engine.name): \(error)")
                }
            }
        } catch {
            try Task.checkCancellation()
            problems.append("\(error)")
        }
        clip.videoProblem = problems.joined(separator: "; then ")
    }
}

extension Clip {
    fileprivate mutating func finish(
        with result: AnimationResult,
        at path: String,
        after problems: [String],
        by engine: String
    ) {
        videoPath = path
        animation = result
        timings += result.timings
        if !problems.isEmpty {
            engineReason = "\(engine) took over: " + problems.joined(separator: "; then ")
        }
    }
}
