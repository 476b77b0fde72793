import Foundation
import Testing

@testable import SiteGen

@Suite struct TemplateLibraryTests {
    private static let declaration = "{{% CONTENT_TYPE:VOXSITE}}\n"

    /// A library of templates in memory, each with its declaration in line 1.
    private func library(_ templates: [String: String]) throws -> TemplateLibrary {
        try TemplateLibrary(
            sources: Dictionary(
                uniqueKeysWithValues: templates.map { name, text in
                    (name, try TemplateSource(file: "\(name).mustache", text: Self.declaration + text))
                }
            )
        )
    }

    private func error(of templates: [String: String], _ context: TemplateContext? = nil) -> SiteGenError? {
        #expect(throws: SiteGenError.self) {
            let library = try library(templates)
            if let context { _ = try library.render("page", with: context) }
        }
    }

    @Test func layoutsBlocksPartialsAndSectionsRender() throws {
        let library = try library([
            "layout": "<h1>{{title}}</h1>\n{{$main}}\nnothing\n{{/main}}\n",
            "page":
                "{{<layout}}\n{{$main}}\n{{#rows}}\n{{>row}}\n{{/rows}}\n{{^rows}}\nnone\n{{/rows}}\n{{/main}}\n{{/layout}}\n",
            "row": "{{text}},\n",
        ])
        let rows: TemplateContext = [.title: "A & B", .rows: .list([[.text: "x"], [.text: "<y>"]])]
        #expect(try library.render("page", with: rows) == "<h1>A &amp; B</h1>\nx,\n&lt;y&gt;,\n")
        #expect(try library.render("page", with: [.title: "t", .rows: .list([])]) == "<h1>t</h1>\nnone\n")
    }

    @Test func unknownNameIsAnErrorAtLoadWithTheNearestName() {
        #expect(
            error(of: ["page": "<p>\n{{statusTxet}}</p>"])
                == .template(
                    file: "page.mustache",
                    line: 3,
                    reason: "no page offers statusTxet; did you mean statusText?"
                )
        )
    }

    @Test(arguments: [
        "{{#nonsense}}x{{/nonsense}}", "{{^nonsense}}x{{/nonsense}}", "{{title.nonsense}}", "{{first(rows)}}",
        "{{#rows}}{{^last()}},{{/last()}}{{/rows}}",
    ])
    func namesNothingOffersAreErrorsInEverySort(text: String) {
        guard case .template("page.mustache", 2, let reason)? = error(of: ["page": text]) else {
            Issue.record("no error for \(text)")
            return
        }
        #expect(reason.hasPrefix("no page offers "))
    }

    @Test func knownNameNotOfferedHereIsAnErrorAtRendering() {
        let templates = ["page": "{{title}}\n{{>part}}", "part": "\n\n{{caption}}"]
        #expect(
            error(of: templates, [.title: "t"])
                == .template(file: "part.mustache", line: 4, reason: "nothing named caption is offered here")
        )
    }

    @Test func emptyValueWrittenOutsideItsSectionIsAnError() throws {
        #expect(
            error(of: ["page": "{{unit}}"], [.unit: .absent])
                == .template(
                    file: "page.mustache",
                    line: 2,
                    reason: "unit is empty on this page; write it inside {{#unit}}…{{/unit}}"
                )
        )
        let checked = try library(["page": "{{#unit}}{{.}}{{/unit}}{{^unit}}-{{/unit}}"])
        #expect(try checked.render("page", with: [.unit: .absent]) == "-")
        #expect(try checked.render("page", with: [.unit: "s"]) == "s")
    }

    @Test func dotOverContextsIsAnError() {
        #expect(error(of: ["page": "{{#rows}}{{.}}{{/rows}}"], [.rows: .list([[.text: "x"]])]) != nil)
    }

    @Test func missingPartialAndTemplateAreErrors() throws {
        #expect(
            error(of: ["page": "{{>partials/stats}}", "partials/status": "x"])
                == .template(
                    file: "page.mustache",
                    line: 2,
                    reason: "there is no template named partials/stats; did you mean partials/status?"
                )
        )
        let library = try library(["run": "x"])
        #expect(
            throws: SiteGenError.template(
                file: "ru.mustache",
                line: 1,
                reason: "there is no such template; there is run.mustache"
            )
        ) {
            try library.render("ru", with: [:])
        }
    }

    @Test func blockTheLayoutLacksIsAnError() {
        #expect(
            error(of: [
                "layout": "{{$main}}{{/main}}", "page": "{{<layout}}\n{{$mian}}x{{/mian}}\n{{/layout}}",
            ])
                == .template(
                    file: "page.mustache",
                    line: 3,
                    reason: "layout has no block named mian; did you mean main?"
                )
        )
    }

    @Test(arguments: [
        ("{{title", 2, "this {{ has no }} after it; close the tag"),
        ("a\n{{#rows}}\nb\n", 3, "rows is never closed; close it with {{/rows}}"),
        ("a\n\n{{/rows}}", 4, "{{/rows}} closes nothing that is open here"),
        ("{{#rows}}{{/tags}}", 2, "{{/tags}} closes nothing that is open here"),
        ("{{{title}}}", 2, "only names ending in Markup may be written unescaped; write {{title}}"),
        ("{{&title}}", 2, "only names ending in Markup may be written unescaped; write {{title}}"),
        (
            "{{#title}}{{{.}}}{{/title}}", 2,
            "only names ending in Markup may be written unescaped; write {{.}}"
        ),
        ("{{>*title}}", 2, "a partial named by a value cannot be checked; name it in the template"),
        ("{{=<% %>=}}", 2, "voxsite's templates keep the {{ }} delimiters; remove this tag"),
        ("\n{{>page}}", 3, "page would contain itself through page; break the circle"),
    ])
    func mistakesAreErrorsWithTheirLine(text: String, line: Int, reason: String) {
        #expect(error(of: ["page": text]) == .template(file: "page.mustache", line: line, reason: reason))
    }

    @Test func parserErrorsKeepFileAndLine() {
        guard case .template("page.mustache", 3, _)? = error(of: ["page": "a\n{{% CONTENT_TYPE:NOSUCH}}"])
        else {
            Issue.record("an unknown content type is an error of line 3")
            return
        }
    }

    @Test func templateWithoutTheDeclarationIsAnError() {
        #expect(throws: SiteGenError.self) {
            try TemplateLibrary(sources: [
                "page": TemplateSource(file: "page.mustache", text: "<p>{{title}}</p>")
            ])
        }
    }

    @Test func ownDirectoryOverridesFileByFile() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "voxsite-templates-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in [
            "own/part.mustache": "mine", "default/part.mustache": "theirs",
            "default/page.mustache": "{{>part}}",
        ] {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data((Self.declaration + text).utf8).write(to: file)
        }
        let library = try TemplateLibrary.load(directories: [folder.path + "/own", folder.path + "/default"])
        #expect(try library.render("page", with: [:]) == "mine")
        #expect(library.sources["part"]?.file == folder.path + "/own/part.mustache")
        #expect(throws: SiteGenError.self) {
            try TemplateLibrary.load(directories: [folder.path + "/nowhere"])
        }
    }

    @Test func ownTemplatesAreCompleteAndDeclared() throws {
        let library = try TemplateLibrary.load(directories: [SampleSite.templates])
        for source in library.sources.values {
            #expect(source.text.hasPrefix(VoxsiteContentType.declaration + "\n"), "\(source.file)")
            #expect(!source.text.contains("style="), "\(source.file): the policy forbids inline styles")
        }
        let used = Set(library.sources.values.flatMap { $0.tags.compactMap(\.lookedUpName) })
        let offered = Set(TemplateName.allCases.map(\.rawValue))
        #expect(offered.subtracting(used) == [], "names that no template of ours uses")
        let entries = Set(library.sources.values.flatMap(\.dependencies).map(\.content)).union(
            PageRenderer.pageTemplates
        )
        #expect(Set(library.sources.keys) == entries, "every template is used")
    }
}
