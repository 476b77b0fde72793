import Files
import RunRecords

extension AvatarAPI {
    /// A clip as clients get it.
    static func fields(of made: ClipSession.Made) -> [LogField] {
        let clip = made.clip
        func url(_ path: String?) -> LogValue? {
            path.map { .string("/\(Self.path)/media/\(made.run)/\(FileSystem.name(of: $0))") }
        }
        let fields: [(String, LogValue?)] = [
            ("audio_url", url(clip.audioPath)), ("video_url", url(clip.videoPath)),
            ("duration", .number(clip.durationSeconds)), ("processing_time", .number(clip.processingSeconds)),
            ("request_id", .string(made.name)), ("has_video", .bool(clip.videoPath != nil)),
            ("poster_url", url(clip.animation?.posterPath)), ("waveform_url", url(clip.waveformPath)),
            ("mouth_openness_url", url(clip.animation?.mouthPath)),
            ("engine", clip.animation.map { .string($0.engine) }),
            ("neural", clip.animation.map { .bool($0.isNeural) }),
            ("engine_reason", clip.engineReason.map { .string($0) }),
            ("video_problem", clip.videoProblem.map { .string($0) }),
            ("voice_id", .string(clip.voice)), ("avatar_id", clip.avatar.map { .string($0) }),
            ("run_id", .string(made.run.string)),
        ]
        return fields.compactMap { key, value in value.map { LogField(key, $0) } }
    }

    /// Where a job stands, as clients get it.
    static func fields(of state: ClipJob.State) -> [LogField] {
        switch state {
        case .waiting(let ahead):
            return [LogField("state", "waiting"), LogField("ahead", .integer(ahead))]
        case .running(let progress):
            var fields = [LogField("state", "running"), LogField("stage", .string(progress.stage.rawValue))]
            if let fraction = progress.fraction { fields.append(LogField("fraction", .number(fraction))) }
            return fields + [LogField("message", .string(progress.text))]
        case .done(let made): return [LogField("state", "done"), LogField("clip", .object(fields(of: made)))]
        case .failed(let refusal):
            return [
                LogField("state", "failed"), LogField("status", .integer(refusal.status)),
                LogField("error", .string(refusal.reason)),
            ]
        }
    }

    /// What a provider of voices has, and why it has none.
    static func provider(_ offer: VoiceCatalog.Offer) -> LogValue {
        var fields = [
            LogField("provider", .string(offer.provider)), LogField("name", .string(offer.displayName)),
            LogField("usable", .bool(offer.problem == nil)), LogField("voices", .integer(offer.voices.count)),
        ]
        if let problem = offer.problem { fields.append(LogField("problem", .string(problem))) }
        return .object(fields)
    }
}
