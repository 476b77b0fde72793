import Files
import Foundation
import RunRecords

/// The rows of the sample gallery from `sample` events.
struct SampleReader {
    /// A longer clip is not copied to the site: clips last seconds, and a sparse file of any size costs its
    /// maker nothing.
    static let maximumBytes = 512 << 20

    /// The run's folder; nil for a lone log, which has no media.
    private let folder: String?
    private let fields: JSONValue
    /// What the event names and the site does not show, with the reason.
    private var refusals: [String] = []

    /// - Parameters:
    ///   - samples: As logged.
    ///   - folder: The run's folder; media outside it, and media that is not there, is left out.
    /// - Returns: In logged order.
    static func rows(_ samples: [EventLog.JSONSample], folder: String?) -> [SampleRow] {
        samples.map { sample in
            var reader = SampleReader(folder: folder, fields: sample.fields)
            return reader.row(step: sample.step, time: sample.time)
        }
    }

    private init(folder: String?, fields: JSONValue) {
        self.folder = folder
        self.fields = fields
    }

    private mutating func row(step: Double?, time: Date?) -> SampleRow {
        let (video, audio, poster) = (media("video"), media("audio"), media("poster"))
        var pictures: [ConfigurationEntry] = []
        for key in ["waveform", "spectrogram", "mouth_openness", "openness"] {
            guard let path = media(key, also: fields["pictures"]?[key]) else { continue }
            pictures.append(ConfigurationEntry(key: key.replacing("_", with: " "), value: path))
        }
        return SampleRow(
            videoPath: video,
            audioPath: audio,
            posterPath: poster,
            pictures: pictures,
            refusals: refusals,
            text: text("text", "prompt"),
            transcript: text("transcript"),
            voice: text("voice", "voice_id"),
            avatar: text("avatar", "avatar_id"),
            engine: text("engine"),
            isNeural: fields["neural"]?.bool,
            step: step,
            time: time,
            timings: (fields["timings"]?.members ?? []).compactMap { member in
                member.value.finite.map { ConfigurationEntry(key: member.key, value: String($0)) }
            }
        )
    }

    private func text(_ keys: String...) -> String {
        for key in keys {
            if let text = fields[key]?.string { return text }
        }
        return ""
    }

    /// The first usable of the places where an event may name a file.
    private mutating func media(_ key: String, also further: JSONValue? = nil) -> String? {
        for candidate in [fields[key], fields[key + "_path"], fields["media"]?[key], further] {
            guard let path = candidate?.string, !path.isEmpty else { continue }
            guard let reason = refusal(of: path) else { return path }
            refusals.append("\(path): \(reason)")
        }
        return nil
    }

    /// Why a path from the log is not shown; nil where it names a clip or picture inside the run's folder
    /// without passing a link.
    private func refusal(of path: String) -> String? {
        guard let folder else { return "a log without a folder of its own has no media" }
        guard let relative = try? RelativePath(validating: path),
            !relative.components.contains(where: { $0.hasPrefix(".") })
        else { return "not a visible path below the run's folder" }
        guard MediaName.isMedia(relative) else { return "not a clip, sound or picture by its name" }
        do throws(FilesError) {
            let size = try OpenFile.reading(relative, below: folder).identity().size
            return size > Self.maximumBytes ? "longer than \(Self.maximumBytes >> 20) MiB" : nil
        } catch {
            return error.code == ENOENT
                ? "not there: removed, or still to come" : error.systemReason ?? "cannot be read"
        }
    }
}
