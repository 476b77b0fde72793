/// What a site is built from, and where to.
public struct SiteConfiguration: Sendable, Equatable {
    /// The folder of runs.
    public var runs: String
    /// The folder the site goes to.
    public var output: String
    /// Folders of templates, those that win first: the user's, then the program's own.
    public var templates: [String]
    /// Folders of files that are copied as they are, those that win first.
    public var assets: [String]
    /// Shown atop every page.
    public var title: String
    /// Where the site stands on its host, with a slash at both ends; only the page for missing addresses needs
    /// it, since it is shown at any depth.
    public var mountPath: String
    /// How many logs, and how many parts of one long log, are read at once.
    public var parallelism: Int

    /// Describes a site.
    public init(
        runs: String,
        output: String,
        templates: [String],
        assets: [String],
        title: String = "voxsite",
        mountPath: String = "/",
        parallelism: Int = 2
    ) {
        self.runs = runs
        self.output = output
        self.templates = templates
        self.assets = assets
        self.title = title
        self.mountPath = mountPath
        self.parallelism = max(1, parallelism)
    }
}
