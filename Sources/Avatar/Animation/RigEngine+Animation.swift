extension RigEngine: AnimationEngine {
    /// `rig`.
    public var name: String { "rig" }

    /// Whether the encoder is installed.
    ///
    /// - Returns: nil where it is.
    public func problem() async -> String? {
        VideoEncoder.find(encoderProgram) == nil
            ? "\(AvatarError.encoderMissing(program: encoderProgram))" : nil
    }

    /// Whether it is known where the eyes and the mouth are.
    ///
    /// - Parameter avatar: who is to speak.
    /// - Returns: nil for a drawn person and for a photograph with points.
    public func problem(with avatar: AvatarLibrary.Entry) -> AvatarError? {
        avatar.kind == .unplaced ? AvatarLibrary.unplaced(avatar) : nil
    }

    /// Makes a video of a drawn person or of a photograph with landmarks.
    ///
    /// - Parameters:
    ///   - task: what to make.
    ///   - progress: told after every picture.
    /// - Returns: what was made, and how it went.
    /// - Throws: as ``render(audio:phonemes:skin:seed:to:progress:)``.
    public func animate(
        _ task: AnimationTask,
        progress: @escaping @Sendable (AnimationProgress) -> Void
    ) async throws -> AnimationResult {
        let skin = try task.library.skin(task.avatar.id, size: task.size)
        let report = try await render(
            audio: task.audioPath,
            phonemes: task.phonemes,
            skin: skin,
            seed: task.seed,
            to: task.videoPath
        ) { state in
            progress(
                AnimationProgress(
                    fraction: Double(state.frame) / Double(max(1, state.frameCount)),
                    text: "picture \(state.frame) of \(state.frameCount)"
                )
            )
        }
        return AnimationResult(
            engine: report.engine,
            isNeural: report.neural,
            posterPath: report.files.poster,
            mouthPath: report.files.mouth,
            timings: [
                Measure("motion", report.stages.motion),
                // Threads draw side by side, so that this may be more than the whole took.
                Measure("drawing_all_threads", report.stages.drawing),
                Measure("video", report.stages.video), Measure("pictures", report.stages.pictures),
            ],
            metrics: report.speedMeasures + report.quality.measures
        )
    }
}

extension ClipReport {
    /// Speed, memory and size under the names of the log.
    var speedMeasures: [Measure] {
        let milliseconds = zip(["median", "p95", "max"], frameMilliseconds)
        return [
            Measure("speed/frames_per_second", framesPerSecond),
            Measure("speed/first_frame_seconds", firstFrameSeconds),
        ] + milliseconds.map { Measure("frame_ms/\($0)", $1) } + [
            Measure("memory/peak_mb", Double(peakMemoryBytes) / 1e6),
            Measure("memory/encoder_peak_mb", Double(encoderPeakMemoryBytes) / 1e6),
            Measure("video/kilobytes", Double(videoBytes) / 1e3),
            Measure("video/frames", Double(frameCount)),
        ]
    }
}

extension MotionQuality {
    /// All of it that is known, under the names of the log.
    var measures: [Measure] {
        let values: [(String, Double?)] = [
            ("quality/sync_correlation", syncCorrelation),
            ("quality/sync_lag_frames", syncLagFrames.map(Double.init)),
            ("quality/sync_mean_difference", syncMeanDifference),
            ("quality/closure_hit_rate", closureHitRate), ("quality/silent_difference", silentDifference),
            ("quality/silent_opening", silentOpening), ("quality/lip_range", lipRange),
            ("quality/blinks_per_minute", blinksPerMinute), ("quality/largest_jump", largestJump),
        ]
        let angles = zip(["yaw", "pitch", "roll"], headDeviationDegrees)
        return values.compactMap { name, value in value.map { Measure(name, $0) } }
            + angles.map { Measure("head/\($0)_deviation_degrees", $1) }
    }
}
