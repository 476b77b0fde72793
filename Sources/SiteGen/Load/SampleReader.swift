import Files
import RunRecords

/// The rows of the sample gallery from `sample` events.
enum SampleReader {
    /// - Parameters:
    ///   - samples: As logged.
    ///   - folder: The run's folder; media outside it, and media that is not there, is left out.
    /// - Returns: In logged order.
    static func rows(_ samples: [EventLog.JSONSample], folder: String?) -> [SampleRow] {
        samples.map { sample in
            let fields = sample.fields
            func text(_ keys: String...) -> String {
                for key in keys {
                    if let text = fields[key]?.string { return text }
                }
                return ""
            }
            func media(_ key: String) -> String? {
                let names = [fields[key], fields[key + "_path"], fields["media"]?[key]]
                return names.lazy.compactMap { $0?.string }.compactMap { existing($0, folder) }.first
            }
            let pictures = ["waveform", "spectrogram", "mouth_openness", "openness"].compactMap { key in
                (media(key) ?? existing(fields["pictures"]?[key]?.string ?? "", folder)).map {
                    ConfigurationEntry(key: key.replacing("_", with: " "), value: $0)
                }
            }
            return SampleRow(
                videoPath: media("video"),
                audioPath: media("audio"),
                posterPath: media("poster"),
                pictures: pictures,
                text: text("text", "prompt"),
                transcript: text("transcript"),
                voice: text("voice", "voice_id"),
                avatar: text("avatar", "avatar_id"),
                engine: text("engine"),
                step: sample.step,
                time: sample.time,
                timings: (fields["timings"]?.members ?? []).compactMap { member in
                    member.value.finite.map { ConfigurationEntry(key: member.key, value: String($0)) }
                }
            )
        }
    }

    /// A path from the log, if it names a clip or picture inside the run's folder without passing a link.
    private static func existing(_ path: String, _ folder: String?) -> String? {
        guard let folder, let relative = try? RelativePath(validating: path), MediaName.isMedia(relative)
        else { return nil }
        guard !relative.components.contains(where: { $0.hasPrefix(".") }) else { return nil }
        var walked = folder
        for (index, component) in relative.components.enumerated() {
            walked += "/" + component
            let kind = FileIdentity.find(walked, followingSymbolicLinks: false)?.kind
            guard kind == (index + 1 == relative.components.count ? .file : .directory) else { return nil }
        }
        return relative.string
    }
}
