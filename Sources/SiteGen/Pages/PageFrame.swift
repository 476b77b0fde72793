/// What the layout around every page shows.
struct PageFrame {
    /// The page's kind, as the script knows it.
    enum Page: String {
        case index, run, compare, avatars, speak
        case notFound = "notfound"
    }

    let site: SiteContext
    let page: Page
    /// The page's own name; nil for the page of all runs, which bears the site's.
    let title: String?
    /// The way from the page to the site's root: `../../`.
    let root: String
    var runID: String?

    var context: TemplateContext {
        [
            .siteTitle: .text(site.title),
            .pageTitle: .text(title.map { "\($0) · \(site.title)" } ?? site.title),
            .root: .text(root),
            .page: .text(page.rawValue),
            .runID: .optional(runID),
            .isIndex: .flag(page == .index),
            .isCompare: .flag(page == .compare),
            .isAvatars: .flag(page == .avatars),
            .isSpeak: .flag(page == .speak),
        ]
    }
}
