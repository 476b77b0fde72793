/// One clip of a talking avatar, or audio alone, as pages show it.
struct ClipContext {
    let sample: SampleRow
    /// Where the run's files are, relative to the page: `../../runs/<id>/`, empty on the run's own page.
    let folder: String
    /// The clip's element id, unique on its page.
    let anchor: String
    /// The run's name where clips of several runs stand side by side.
    var runName: String?
    /// Whether the text is said here, or by a heading over all clips.
    var showsText = true

    private static let maximumPictures = 6

    var context: TemplateContext {
        [
            .anchor: .text(anchor),
            .title: .text(title),
            .label: .text(Wording.shortened("\(title): \(sample.text)", to: TextLimit.name)),
            .hasMedia: .flag(sample.videoPath != nil || sample.audioPath != nil),
            .refusals: .texts(
                sample.refusals.prefix(3).map { Wording.shortened($0, to: TextLimit.value) }
            ),
            .video: .optional(sample.videoPath.map(address)),
            .audio: .optional(sample.audioPath.map(address)),
            .poster: .optional(sample.posterPath.map(address)),
            .prompt: .optional(showsText ? Wording.shortened(sample.text, to: TextLimit.text) : nil),
            .transcript: .optional(
                sample.transcript == sample.text
                    ? nil : Wording.shortened(sample.transcript, to: TextLimit.text)
            ),
            .facts: .list(facts),
            .timeMarkup: Wording.optionalTime(sample.time),
            .pictures: .list(
                sample.pictures.prefix(Self.maximumPictures).map { picture in
                    [
                        .path: .text(address(picture.value)),
                        .label: .text(Wording.shortened(picture.key, to: TextLimit.name)),
                    ]
                }
            ),
        ]
    }

    private var title: String {
        let parts = [runName ?? "", sample.avatar, sample.voice].filter { !$0.isEmpty }
        let name = parts.isEmpty ? "Sample" : parts.joined(separator: " · ")
        return Wording.shortened(name, to: TextLimit.name)
    }

    private var facts: [TemplateContext] {
        var facts: [(String, String)] = []
        if !engine.isEmpty { facts.append(("Engine", engine)) }
        if let step = sample.step { facts.append(("Step", Wording.step(step))) }
        for timing in sample.timings.prefix(8) {
            let seconds = FloatingPointText.double(timing.value).map { NumberFormat.duration(seconds: $0) }
            facts.append((timing.key.replacing("_", with: " "), seconds ?? timing.value))
        }
        return facts.map { label, value in
            [
                .label: .text(Wording.shortened(label, to: TextLimit.name)),
                .value: .text(Wording.shortened(value, to: TextLimit.name)),
            ]
        }
    }

    /// The engine's name, and what it is to whoever does not know the name.
    private var engine: String {
        let kind = sample.isNeural.map { $0 ? "neural" : "drawn, not neural" }
        return [sample.engine, kind ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The address of a file of the run, every byte that could mean something in a URL encoded.
    private func address(_ path: String) -> String { folder + URLText.encoded(path: path) }
}

/// Numbers in texts.
private enum FloatingPointText {
    static func double(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
}
