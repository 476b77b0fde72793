import Foundation

/// `index.html`: all runs, the newest first.
struct IndexPage {
    let cards: [RunCard]
    let site: SiteContext

    /// What the page shows, its cards drawn with `library`.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` for a mistake in the card's template.
    func context(in library: TemplateLibrary) throws(SiteGenError) -> TemplateContext {
        var runs: [TemplateContext] = []
        for card in sorted { runs.append([.cardMarkup: .markup(try card.markup(in: library))]) }
        let page: TemplateContext = [
            .summary: .text(summary),
            .hasRuns: .flag(!cards.isEmpty),
            .runs: .list(runs),
            .collector: .optional(CollectorBlock.context(site.collector)),
        ]
        return PageFrame(site: site, page: .index, title: nil, root: "").context.merging(page)
    }

    /// By start, so that rows do not change places while runs go on.
    private var sorted: [RunCard] {
        cards.sorted { left, right in
            let (leftStart, rightStart) = (left.started ?? .distantPast, right.started ?? .distantPast)
            return leftStart == rightStart ? left.id < right.id : leftStart > rightStart
        }
    }

    /// How many runs do what: `12 runs: 2 running, 1 silent`.
    private var summary: String {
        guard !cards.isEmpty else { return "Waiting for the first run." }
        let order = ["running", "silent", "error", "waiting", "stopped", "completed"]
        let counts = Dictionary(grouping: cards, by: \.status).mapValues(\.count)
        let parts = order.compactMap { status in counts[status].map { "\(Wording.grouped($0)) \(status)" } }
        return Wording.count(cards.count, "run") + ": " + parts.joined(separator: ", ")
    }
}
