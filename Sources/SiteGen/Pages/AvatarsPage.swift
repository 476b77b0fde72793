import Foundation

/// `avatars/index.html`: the clips of all runs, those of one text side by side.
struct AvatarsPage {
    let reports: [RunReport]
    let site: SiteContext

    private static let maximumPrompts = 40
    private static let maximumClipsPerPrompt = 12

    var context: TemplateContext {
        let prompts = prompts
        let clips = prompts.reduce(0) { $0 + $1.clips.count }
        let page: TemplateContext = [
            .hasClips: .flag(clips > 0),
            .summary: .text(
                clips == 0
                    ? "Clips of talking avatars, side by side."
                    : "\(Wording.count(clips, "clip")) of \(Wording.count(prompts.count, "text"))"
                        + (prompts.count > Self.maximumPrompts
                            ? "; the newest \(Self.maximumPrompts) are shown." : "")
            ),
            .prompts: .list(
                prompts.prefix(Self.maximumPrompts).enumerated().map { context(of: $1, number: $0 + 1) }
            ),
        ]
        return PageFrame(site: site, page: .avatars, title: "Avatars", root: "../").context.merging(page)
    }

    private struct Clip {
        let sample: SampleRow
        let report: RunReport
        /// The place in its run's log, which tells clips without a time apart.
        let position: Int
        var time: Date { sample.time ?? .distantPast }
    }

    private struct Prompt {
        let text: String
        var clips: [Clip]
    }

    /// Texts by their newest clip, and each text's clips, both newest first.
    private var prompts: [Prompt] {
        let clips = reports.flatMap { report in
            report.samples.enumerated().map { Clip(sample: $1, report: report, position: $0) }
        }
        let ordered = clips.sorted { left, right in
            if left.time != right.time { return left.time > right.time }
            if left.report.id != right.report.id { return left.report.id < right.report.id }
            return left.position > right.position
        }
        var prompts: [Prompt] = []
        var places: [[UInt8]: Int] = [:]
        for clip in ordered {
            let key = Array(clip.sample.text.utf8)
            if let place = places[key] {
                prompts[place].clips.append(clip)
            } else {
                places[key] = prompts.count
                prompts.append(Prompt(text: clip.sample.text, clips: [clip]))
            }
        }
        return prompts
    }

    private func context(of prompt: Prompt, number: Int) -> TemplateContext {
        let shown = prompt.clips.prefix(Self.maximumClipsPerPrompt)
        let rest = prompt.clips.count - shown.count
        return [
            .anchor: .text("prompt-\(number)"),
            .title: .text(
                prompt.text.isEmpty ? "Without a text" : Wording.shortened(prompt.text, to: TextLimit.value)
            ),
            .clips: .list(
                shown.map { clip in
                    ClipContext(
                        sample: clip.sample,
                        folder: "../runs/\(clip.report.id)/",
                        anchor: "clip-\(clip.report.id)-\(clip.position + 1)",
                        runName: clip.report.name,
                        showsText: false
                    ).context
                }
            ),
            .more: .optional(
                rest > 0 ? "\(Wording.count(rest, "older clip")) on the pages of their runs." : nil
            ),
        ]
    }
}
