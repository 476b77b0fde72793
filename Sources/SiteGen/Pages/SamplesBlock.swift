/// A run's own clips, newest first.
struct SamplesBlock {
    let report: RunReport

    private static let maximumClips = 12

    var context: TemplateContext? {
        let samples = report.samples
        guard !samples.isEmpty else { return nil }
        let shown = samples.indices.reversed().prefix(Self.maximumClips)
        return [
            .caption: .text(Wording.caption(shown: shown.count, of: samples.count, "sample")),
            .clips: .list(
                shown.map { ClipContext(sample: samples[$0], folder: "", anchor: "clip-\($0 + 1)").context }
            ),
        ]
    }
}
