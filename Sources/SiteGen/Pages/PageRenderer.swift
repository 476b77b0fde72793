import Files

/// Turns values into the pages of the site.
///
/// Rendering is a pure function: no clock and no disk is read, so the same values give the same bytes.
struct PageRenderer: Sendable {
    let library: TemplateLibrary

    /// The templates every site needs.
    static let pageTemplates = ["404", "avatars", "compare", "index", "run", "speak", cardTemplate]
    /// One run in the list of all runs.
    static let cardTemplate = "partials/run-card"

    /// Prepares to render with `library`.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` where a page has no template.
    init(library: TemplateLibrary) throws(SiteGenError) {
        for name in Self.pageTemplates where library.sources[name] == nil {
            throw .template(
                file: "\(name).mustache",
                line: 1,
                reason: "this template is missing; restore it or leave out --templates"
            )
        }
        self.library = library
    }

    /// One run's page, `runs/<id>/index.html`.
    func runPage(_ report: RunReport, site: SiteContext) throws(SiteGenError) -> OutputFile {
        try page("run", at: "runs/\(report.id)/index.html", RunPage(report: report, site: site).context)
    }

    /// The page of all runs, `index.html`.
    func indexPage(_ cards: [RunCard], site: SiteContext) throws(SiteGenError) -> OutputFile {
        try page("index", at: "index.html", IndexPage(cards: cards, site: site).context(in: library))
    }

    /// The page that lays runs over each other, `compare/index.html`.
    func comparePage(_ reports: [RunReport], site: SiteContext) throws(SiteGenError) -> OutputFile {
        try page("compare", at: "compare/index.html", ComparePage(reports: reports, site: site).context)
    }

    /// The page of all clips, `avatars/index.html`.
    func avatarsPage(_ reports: [RunReport], site: SiteContext) throws(SiteGenError) -> OutputFile {
        try page("avatars", at: "avatars/index.html", AvatarsPage(reports: reports, site: site).context)
    }

    /// The page that makes clips, `speak/index.html`: its script asks the server what there is.
    func speakPage(site: SiteContext) throws(SiteGenError) -> OutputFile {
        let frame = PageFrame(site: site, page: .speak, title: "Speak", root: "../")
        return try page("speak", at: "speak/index.html", frame.context)
    }

    /// The page for addresses that lead nowhere, `404.html`.
    func notFoundPage(site: SiteContext) throws(SiteGenError) -> OutputFile {
        let frame = PageFrame(site: site, page: .notFound, title: "Not found", root: site.mountPath)
        return try page("404", at: "404.html", frame.context)
    }

    private func page(
        _ template: String,
        at path: String,
        _ context: TemplateContext
    ) throws(SiteGenError) -> OutputFile {
        let text = try library.render(template, with: context)
        let relativePath: RelativePath
        do {
            relativePath = try RelativePath(validating: path)
        } catch {
            throw .output(path: path, reason: "\(error)")
        }
        return OutputFile(path: relativePath, contents: .bytes(Array(text.utf8)), isCompressible: true)
    }
}
