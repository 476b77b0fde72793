/// What all pages of a site have in common.
struct SiteContext: Sendable, Equatable {
    /// Shown atop every page and in its title; hostile until escaped.
    var title = "voxsite"
    /// Where the site is mounted on its host, with a slash at both ends.
    ///
    /// Only the page for missing addresses needs it, since it is shown at any depth; all other links are
    /// relative.
    var mountPath = "/"
    /// How the collector is, its runs by their ids; nil where nothing is collected.
    var collector: CollectorReport?
}
