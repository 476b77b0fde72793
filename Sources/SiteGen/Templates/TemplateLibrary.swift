import Foundation
import Mustache

/// The templates of a site, checked when they are loaded.
///
/// A mistake in a template never shows as an empty place on a page: unknown names, partials and blocks are
/// errors with file and line when the library is loaded, and a name that is known but not offered where it
/// is written is one when the page is rendered.
struct TemplateLibrary: Sendable {
    let sources: [String: TemplateSource]
    /// Tells one loading of templates from another, for those who keep what they rendered.
    let identity = Identity()
    private let templates: MustacheLibrary

    /// Loads every `.mustache` file below the directories.
    ///
    /// - Parameter directories: where templates are looked for, file by file, the first directory that has
    ///   one winning: a reader's own templates first, then those that come with voxsite.
    /// - Returns: the checked templates.
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` for a mistake in a template,
    ///   ``SiteGenError/input(path:reason:)`` for a directory or file that cannot be read.
    static func load(directories: [String]) throws(SiteGenError) -> TemplateLibrary {
        var sources: [String: TemplateSource] = [:]
        for directory in directories {
            for path in try templatePaths(below: directory) {
                let name = String(path.dropLast(fileExtension.count))
                guard sources[name] == nil else { continue }
                let file = directory.hasSuffix("/") ? directory + path : directory + "/" + path
                sources[name] = try TemplateSource(file: file, text: try text(of: file))
            }
        }
        return try TemplateLibrary(sources: sources)
    }

    /// Checks and parses templates that are already in memory.
    ///
    /// - Parameter sources: by name, that is the path without its ending: `partials/status`.
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` for a mistake in one of them.
    init(sources: [String: TemplateSource]) throws(SiteGenError) {
        VoxsiteContentType.register()
        self.sources = sources
        try TemplateChecks(sources: sources).run()
        var templates = MustacheLibrary()
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            templates.register(try Self.parse(source), named: name)
        }
        self.templates = templates
    }

    /// The page `context` makes of the template `name`.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` where the template is missing or writes a name
    ///   the context does not offer.
    func render(_ name: String, with context: TemplateContext) throws(SiteGenError) -> String {
        let failures = LookupFailures()
        let page = TemplateLookup(page: context, failures: failures)
        guard let text = templates.render(page, withTemplate: name) else {
            let hint = NearestName.of(name, among: sources.keys).map {
                "; there is \($0)\(Self.fileExtension)"
            }
            throw .template(
                file: name + Self.fileExtension,
                line: 1,
                reason: "there is no such template" + (hint ?? "; restore it or leave out --templates")
            )
        }
        if let failure = failures.first { throw error(for: failure, in: name) }
        return text
    }

    /// Nothing but itself.
    final class Identity: Sendable {}

    private static let fileExtension = ".mustache"

    private static func templatePaths(below directory: String) throws(SiteGenError) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
            isDirectory.boolValue, let files = FileManager.default.enumerator(atPath: directory)
        else {
            throw .input(path: directory, reason: "is not a folder of templates; check --templates")
        }
        return files.compactMap { $0 as? String }.filter { $0.hasSuffix(fileExtension) }.sorted()
    }

    private static func text(of file: String) throws(SiteGenError) -> String {
        do {
            return String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        } catch {
            throw .input(path: file, reason: "cannot be read: \(error.localizedDescription)")
        }
    }

    private static func parse(_ source: TemplateSource) throws(SiteGenError) -> MustacheTemplate {
        do {
            return try MustacheTemplate(string: source.text)
        } catch let error as MustacheTemplate.ParserError {
            throw .template(
                file: source.file,
                line: error.context.lineNumber,
                reason: TemplateChecks.explanation(of: error.error, near: error.context.line)
            )
        } catch {
            throw .template(file: source.file, line: 1, reason: "\(error)")
        }
    }

    /// Says where the name of a failed look-up is written: in the page's template or one it is made of.
    private func error(for failure: LookupFailures.Failure, in template: String) -> SiteGenError {
        let (name, reason) =
            switch failure {
            case .unknown(let name): (name, "nothing named \(name) is offered here")
            case .absent(let name):
                (name, "\(name) is empty on this page; write it inside {{#\(name)}}…{{/\(name)}}")
            }
        for source in TemplateChecks(sources: sources).closure(of: template) {
            if let tag = source.tags.first(where: { $0.lookedUpName == name }) {
                return .template(file: source.file, line: tag.line, reason: reason)
            }
        }
        return .template(file: template + Self.fileExtension, line: 1, reason: reason)
    }
}
