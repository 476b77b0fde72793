import Avatar
import Glibc
import RunRecords
import Synchronization

/// Tells how a clip comes along and what came of it.
final class SpeakReporter: Sendable {
    private let console: Console
    private let printsJSON: Bool
    private let showsProgress: Bool
    private let state = Mutex(State())

    private struct State {
        var hasLine = false
        var lastPercent = -1
        var stage: ClipProgress.Stage?
    }

    init(console: Console, printsJSON: Bool) {
        self.console = console
        self.printsJSON = printsJSON
        showsProgress = console.verbosity != .quiet && isatty(STDERR_FILENO) == 1
    }

    /// Overwrites the line of progress on a terminal.
    func tell(_ progress: ClipProgress) {
        guard showsProgress else { return }
        let percent = progress.fraction.map { Int($0 * 100) }
        state.withLock { state in
            if let percent, percent == state.lastPercent, progress.stage == state.stage { return }
            state.lastPercent = percent ?? -1
            state.stage = progress.stage
            state.hasLine = true
            let share = percent.map { "\($0 < 10 ? "  " : $0 < 100 ? " " : "")\($0) %  " } ?? ""
            Self.put("\r\u{1B}[K\(share)" + Console.visible("\(progress.stage.rawValue): \(progress.text)"))
        }
    }

    /// Removes the line of progress.
    func endProgress() {
        let had = state.withLock { state in
            defer { state.hasLine = false }
            return state.hasLine
        }
        if had { Self.put("\r\u{1B}[K") }
    }

    /// Says what was made: its path on standard output, the rest on standard error.
    ///
    /// - Parameters:
    ///   - made: the clip and its run.
    ///   - output: where the user wanted it; nil where nowhere.
    ///   - bestEngine: what would have been taken had it worked; nil where the user named the engine.
    func finish(_ made: ClipSession.Made, output: String?, bestEngine: String?) {
        let clip = made.clip
        if let reason = clip.engineReason {
            // The engines call themselves sadtalker256 and the like.
            let fellBack = bestEngine.map { clip.animation?.engine.hasPrefix($0) == false } ?? false
            fellBack ? console.say(reason) : console.detail(reason)
        }
        if let problem = clip.videoProblem {
            Console.error("voxsite: the video failed, the sound is kept: \(problem)")
        }
        let factor = clip.processingSeconds / max(clip.durationSeconds, 1e-3)
        let engine = clip.animation.map {
            "; engine \($0.engine), \($0.isNeural ? "neural" : "drawn, not neural")"
        }
        console.say(
            "\(Self.rounded(clip.durationSeconds)) s of speech in \(Self.rounded(clip.processingSeconds)) s "
                + "(real-time factor \(Self.rounded(factor)))\(engine ?? ""); run \(made.run)"
        )
        if printsJSON {
            print(String(decoding: json(made, output: output), as: UTF8.self))
        } else {
            print(output ?? clip.videoPath ?? clip.audioPath)
        }
    }

    private func json(_ made: ClipSession.Made, output: String?) -> [UInt8] {
        let clip = made.clip
        let paths: [(String, String?)] = [
            ("output", output), ("video", clip.videoPath), ("audio", clip.audioPath),
            ("poster", clip.animation?.posterPath), ("waveform", clip.waveformPath),
            ("mouth_openness", clip.animation?.mouthPath), ("engine", clip.animation?.engine),
            ("engine_reason", clip.engineReason), ("video_problem", clip.videoProblem),
            ("avatar", clip.avatar), ("voice", clip.voice), ("run", made.run.string),
        ]
        var fields = paths.compactMap { key, value in value.map { LogField(key, .string($0)) } }
        fields.append(LogField("neural", .bool(clip.animation?.isNeural ?? false)))
        fields.append(LogField("seed", .string(String(clip.seed))))
        fields.append(LogField("metrics", .object(clip.metrics.map { LogField($0.name, .number($0.value)) })))
        return LogValue.object(fields).json
    }

    private static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func put(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
