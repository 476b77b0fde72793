import Files
import Glibc
public import RunRecords

/// The run that clips are appended to: their files in its `media` folder, their numbers in its log.
///
/// Clips of a day share a run, so that the dashboard charts one beside the other; the step is the clip's number.
public struct ClipRun: Sendable {
    /// What the names of such runs begin with, unless others are given.
    public static let prefix = "avatar-"

    private let log: RunLogWriter

    /// Begins or continues a run.
    ///
    /// - Parameters:
    ///   - runs: the folder of all runs; created if needed.
    ///   - id: the run's name; that of the day unless given.
    /// - Throws: `RunRecordsError`, ``AvatarError/file(_:)``.
    public init(runs: String, id: String? = nil) throws {
        let seconds = RunLogWriter.wallClock()
        let id = id ?? Self.prefix + Self.day(seconds)
        log = try RunLogWriter(runs: runs, id: id, sync: .never)
        do {
            try FileSystem.createDirectories(mediaFolder)
        } catch {
            throw AvatarError.file(error)
        }
        guard FileIdentity.find(log.folder + "/run.json") == nil else { return }
        try log.describe(
            RunDescription(
                id: log.id,
                name: id == Self.prefix + Self.day(seconds) ? "Clips of \(Self.day(seconds, "-"))" : id,
                engine: "avatar",
                stage: "speak",
                started: seconds,
                tags: ["avatar"]
            )
        )
    }

    /// The run's name.
    public var id: RunID { log.id }
    /// The run's folder.
    public var folder: String { log.folder }
    /// Where clips go.
    public var mediaFolder: String { log.folder + "/media" }

    /// Says that a clip is being made, and tidies away what killed ones have left.
    ///
    /// - Throws: `RunRecordsError.write`.
    public func begin() throws {
        TemporaryVideo.removeAbandoned(in: mediaFolder)
        try log.status(.running)
    }

    /// Appends a clip whose files are in ``mediaFolder``.
    ///
    /// - Parameter clip: what was made.
    /// - Throws: `RunRecordsError.write`, ``AvatarError/file(_:)``.
    public func append(_ clip: Clip) throws {
        let step = try clipCount() + 1
        try log.metrics(clip.metrics.map { ($0.name, $0.value) }, step: step)
        if let problem = clip.videoProblem {
            try log.alert("A clip has no video", text: problem, level: .error, step: step)
        }
        try log.sample(fields(of: clip), step: step)
        try log.status(.completed, step: step)
    }

    /// Says that no clip came of it; the run's other clips are none the worse for it.
    ///
    /// - Parameter error: why.
    /// - Throws: `RunRecordsError.write`, ``AvatarError/file(_:)``.
    public func fail(_ error: any Error) throws {
        // Text that no voice can say is nobody's failure but its author's.
        var isRefusal = false
        if case AvatarError.text = error { isRefusal = true }
        try log.alert("A clip was not made", text: "\(error)", level: isRefusal ? .warn : .error)
        try rest(otherwise: isRefusal ? .stopped : .error(message: "\(error)"))
    }

    /// Says that nobody wants the clip any more.
    ///
    /// - Throws: `RunRecordsError.write`, ``AvatarError/file(_:)``.
    public func stop() throws { try rest(otherwise: .stopped) }

    /// The status that the run had before, of which the log tells by its clips.
    private func rest(otherwise status: RunLogWriter.Status) throws {
        try log.status(try clipCount() > 0 ? .completed : status)
    }

    private func fields(of clip: Clip) -> [(String, LogValue)] {
        let files: [(String, String?)] = [
            ("video", clip.videoPath), ("audio", clip.audioPath), ("poster", clip.animation?.posterPath),
            ("waveform", clip.waveformPath), ("mouth_openness", clip.animation?.mouthPath),
        ]
        var fields: [(String, LogValue)] = files.compactMap { key, path in
            path.map { (key, .string("media/" + FileSystem.name(of: $0))) }
        }
        fields.append(("text", .string(clip.text)))
        fields.append(("voice", .string(clip.voice)))
        if let avatar = clip.avatar { fields.append(("avatar", .string(avatar))) }
        if let animation = clip.animation {
            fields.append(("engine", .string(animation.engine)))
            fields.append(("neural", .bool(animation.isNeural)))
        }
        if let reason = clip.engineReason { fields.append(("engine_reason", .string(reason))) }
        fields.append(("seed", .string(String(clip.seed))))
        let timings = clip.timings + [Measure("total", clip.processingSeconds)]
        fields.append(("timings", .object(timings.map { LogField($0.name, .number($0.value)) })))
        return fields
    }

    /// How many clips the log tells of.
    ///
    /// Quotes inside its texts are escaped, so that none looks like an event.
    private func clipCount() throws(AvatarError) -> Int {
        let mark = Array("\"event\":\"sample\"".utf8)
        do {
            let file = try OpenFile.reading(log.path)
            let bytes = try file.readAll(limit: 256 << 20)
            return bytes.split(separator: UInt8(ascii: "\n")).count { Self.contains($0, mark) }
        } catch {
            throw .file(error)
        }
    }

    private static func contains(_ line: ArraySlice<UInt8>, _ mark: [UInt8]) -> Bool {
        // The event's name stands near the start of its line, behind the time and the step.
        let start = line.prefix(96)
        return start.indices.contains { start[$0...].starts(with: mark) }
    }

    /// `20251211`, or with something between year, month and day; in UTC.
    private static func day(_ seconds: Double, _ separator: String = "") -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return ["\(parts.tm_year + 1_900)", two(parts.tm_mon + 1), two(parts.tm_mday)].joined(
            separator: separator
        )
    }
}
