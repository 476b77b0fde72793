import Audio
import Files
import Glibc

/// Makes talking-head clips without any learnt weights: sound in, a moving face out.
///
/// Motion is planned from the sound, which is read block by block; pictures are drawn on all cores and stream into the
/// encoder. So memory hardly grows with the clip: by 200 kB a minute.
public struct RigEngine: Sendable {
    /// `ffmpeg`, or the absolute path of a program that is called like it.
    public var encoderProgram: String
    /// How many pictures may be drawn or wait at once.
    private let frameLimit: Int

    /// An engine.
    ///
    /// - Parameters:
    ///   - encoderProgram: `ffmpeg`, or the absolute path of a program that is called like it.
    ///   - threadCount: how many cores to draw on; all unless given.
    public init(encoderProgram: String = "ffmpeg", threadCount: Int? = nil) {
        self.encoderProgram = encoderProgram
        frameLimit = max(1, threadCount ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))) * 2 + 2
    }

    /// How far the making is.
    public struct Progress: Sendable, Equatable {
        /// Pictures that the encoder has.
        public var frame: Int
        /// Pictures in all.
        public var frameCount: Int
    }

    /// Makes a clip, with its poster and its mouth picture beside it.
    ///
    /// Nothing appears under the final names before it is whole; whatever fails leaves nothing behind.
    ///
    /// - Parameters:
    ///   - audioPath: the sound, a file that libsndfile and ffmpeg read, such as WAV.
    ///   - phonemes: its sounds of speech; empty where unknown: the mouth then follows the signal.
    ///   - skin: whose face.
    ///   - seed: blinks, looks and the head's drift follow from it.
    ///   - path: the video; its ending, `.mp4` or `.webm`, tells the format, and its folder must exist.
    ///   - progress: told after every picture.
    /// - Returns: what was made and how it went.
    /// - Throws: ``AvatarError``, `CancellationError`.
    @concurrent
    public func render(
        audio audioPath: String,
        phonemes: [TimedPhoneme],
        skin: any FaceSkin,
        seed: UInt64,
        to path: String,
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> ClipReport {
        let start = ContinuousClock.now
        let usedBefore = ResourceUse.now()
        guard let format = ClipFormat(path: path) else {
            throw AvatarError.clipRefused(reason: "\(path) ends in neither .mp4 nor .webm")
        }
        guard skin.size % 2 == 0 else {
            throw AvatarError.clipRefused(reason: "\(skin.size) pixels are not even")
        }
        guard FileIdentity.find(FileSystem.folder(of: path))?.kind == .directory else {
            throw AvatarError.file(.system(operation: "write the video", path: path, code: ENOENT))
        }
        var stages = ClipReport.Stages()
        let motion = try Self.motion(audioPath, phonemes, seed: seed)
        let temporary = TemporaryVideo(beside: path)
        stages.motion = start.elapsedSeconds

        let videoStart = ContinuousClock.now
        let encoder = VideoEncoder(program: encoderProgram, format: format, size: skin.size)
        let drawn = try await encoder.encode(audioPath: audioPath, to: temporary.path) {
            writer in
            try await draw(motion, skin: skin, start: start, into: writer, progress)
        }
        stages.video = videoStart.elapsedSeconds
        stages.drawing = Double(drawn.milliseconds.reduce(0, +)) / 1_000

        let picturesStart = ContinuousClock.now
        let files = ClipReport.Files(video: path)
        let bytes = try publish(temporary, files, motion, skin, drawn)
        stages.pictures = picturesStart.elapsedSeconds

        let used = ResourceUse.now()
        let wall = start.elapsedSeconds
        let duration = motion.duration
        return ClipReport(
            engine: skin.engineName,
            hasPhonemes: !phonemes.isEmpty,
            seed: seed,
            size: skin.size,
            frameCount: motion.count,
            audioSeconds: duration,
            wallSeconds: wall,
            firstFrameSeconds: drawn.firstFrameSeconds,
            realTimeFactor: wall / duration,
            framesPerSecond: Double(motion.count) / wall,
            frameMilliseconds: Self.percentiles(drawn.milliseconds),
            userSeconds: used.ownUserSeconds - usedBefore.ownUserSeconds + used.childUserSeconds
                - usedBefore.childUserSeconds,
            peakMemoryBytes: used.ownPeakBytes,
            encoderPeakMemoryBytes: used.childPeakBytes,
            videoBytes: bytes,
            stages: stages,
            quality: drawn.measurement.quality(of: motion, phonemes: phonemes),
            files: files
        )
    }

    private static func motion(
        _ audioPath: String,
        _ phonemes: [TimedPhoneme],
        seed: UInt64
    ) throws -> MotionSequence {
        let stream: AudioStream
        do { stream = try AudioStream(path: audioPath) } catch { throw AvatarError.audio(error) }
        let motion = try MotionSequence(SoundBlocks(stream), phonemes: phonemes, seed: seed)
        guard motion.duration > 0 else { throw AvatarError.clipRefused(reason: "the sound has no sample") }
        return motion
    }

    /// What drawing a clip leaves behind.
    private struct Drawn {
        /// Of each picture.
        var milliseconds: [Float] = []
        var measurement = MotionMeasurement()
        var firstFrameSeconds = 0.0
        var poster = PosterChoice()
    }

    private func draw(
        _ motion: MotionSequence,
        skin: any FaceSkin,
        start: ContinuousClock.Instant,
        into writer: VideoEncoder.FrameWriter,
        _ progress: @Sendable (Progress) -> Void
    ) async throws -> Drawn {
        var drawn = Drawn()
        drawn.milliseconds = try await OrderedFrames(skin: skin, limit: frameLimit).draw(motion) {
            index,
            frame in
            drawn.measurement.add(frame, skin: skin)
            drawn.poster.consider(frame, index: index, of: motion.count)
        } deliver: { index, image in
            try await writer.write(image)
            if index == 0 { drawn.firstFrameSeconds = start.elapsedSeconds }
            progress(Progress(frame: index + 1, frameCount: motion.count))
        }
        return drawn
    }

    /// Writes the pictures, then moves the video to its place.
    private func publish(
        _ temporary: TemporaryVideo,
        _ files: ClipReport.Files,
        _ motion: MotionSequence,
        _ skin: any FaceSkin,
        _ drawn: Drawn
    ) throws(AvatarError) -> Int {
        guard let made = FileIdentity.find(temporary.path), made.size > 0 else {
            throw .encoderFailed(program: encoderProgram, status: "wrote no video", lastLines: [])
        }
        try skin.render(drawn.poster.frame).writePNG(to: files.poster)
        try ClipPictures.mouth(openness: drawn.measurement.openness, loudness: motion.analysis.loudness)
            .writePNG(to: files.mouth)
        do {
            try FileSystem.rename(temporary.path, to: files.video)
        } catch {
            throw .file(error)
        }
        return made.size
    }

    private static func percentiles(_ values: [Float]) -> [Double] {
        let ordered = values.sorted()
        guard let last = ordered.last else { return [0, 0, 0] }
        return [
            Double(ordered[ordered.count / 2]), Double(ordered[(ordered.count - 1) * 95 / 100]), Double(last),
        ]
    }
}

/// Chooses the picture that stands for a clip: eyes open to the camera, the mouth a little open, early on.
private struct PosterChoice {
    var frame = MotionFrame()
    private var best = -Float.infinity

    mutating func consider(_ candidate: MotionFrame, index: Int, of count: Int) {
        let place = abs(Float(index) / Float(max(count, 1)) - 0.3)
        let score =
            -6 * candidate.blinkLeft - 3 * abs(candidate.mouth.opening - 0.3) - 2 * candidate.mouth.rounding
            - abs(candidate.gazeX) - abs(candidate.gazeY) - 0.8 * place
        guard score > best else { return }
        best = score
        frame = candidate
    }
}
