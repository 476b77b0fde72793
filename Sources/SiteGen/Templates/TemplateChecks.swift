import Mustache

/// What swift-mustache accepts in silence and voxsite does not: names nothing offers, partials and blocks
/// that do not exist, templates that contain themselves, text that would be written unescaped.
struct TemplateChecks {
    let sources: [String: TemplateSource]

    /// Checks all templates, in the order of their names.
    func run() throws(SiteGenError) {
        let known = Set(TemplateName.allCases.map(\.rawValue))
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            try checkDeclaration(of: source)
            try checkTags(of: source, known: known)
            try checkCycles(from: name, source)
        }
    }

    /// A template and everything it is made of, itself first.
    func closure(of name: String) -> [TemplateSource] {
        var names = [name]
        var found: [TemplateSource] = []
        var index = 0
        while index < names.count {
            if let source = sources[names[index]] {
                found.append(source)
                names += source.dependencies.map(\.content).filter { !names.contains($0) }
            }
            index += 1
        }
        return found
    }

    private func checkDeclaration(of source: TemplateSource) throws(SiteGenError) {
        guard !source.text.utf8.starts(with: VoxsiteContentType.declaration.utf8) else { return }
        throw .template(
            file: source.file,
            line: 1,
            reason: "without it names are not escaped safely: start the file with "
                + VoxsiteContentType.declaration
        )
    }

    /// Checks one tag; `enclosing` is the section it stands in.
    private func check(
        _ tag: TemplateSource.Tag,
        in source: TemplateSource,
        enclosing: String?,
        known: Set<String>
    ) throws(SiteGenError) {
        func failure(_ reason: String) -> SiteGenError {
            .template(file: source.file, line: tag.line, reason: reason)
        }
        func hint(among names: some Sequence<String>) -> String {
            NearestName.of(tag.content, among: names).map { "; did you mean \($0)?" } ?? ""
        }
        switch tag.kind {
        case .partial, .parent:
            if tag.content.hasPrefix("*") {
                throw failure("a partial named by a value cannot be checked; name it in the template")
            }
            if sources[tag.content] == nil {
                throw failure("there is no template named \(tag.content)" + hint(among: sources.keys))
            }
        case .delimiters: throw failure("voxsite's templates keep the {{ }} delimiters; remove this tag")
        case .unescaped:
            let name = tag.content == "." ? enclosing ?? "." : tag.content
            guard TemplateSource.isMarkupName(name) else {
                throw failure(
                    "only names ending in Markup may be written unescaped; write {{\(tag.content)}}"
                )
            }
            fallthrough
        default:
            if let name = tag.lookedUpName, !known.contains(name) {
                throw failure("no page offers \(name)" + hint(among: known))
            }
        }
    }

    /// Checks the tags of one template in order, knowing which sections they stand in.
    private func checkTags(of source: TemplateSource, known: Set<String>) throws(SiteGenError) {
        var open: [TemplateSource.Tag] = []
        for tag in source.tags {
            let enclosing = open.last { $0.kind == .section }?.content
            try check(tag, in: source, enclosing: enclosing, known: known)
            switch tag.kind {
            case .section, .inverted, .parent: open.append(tag)
            case .block:
                if let parent = open.last, parent.kind == .parent {
                    try checkBlock(tag, isKnownTo: parent.content, in: source)
                }
                open.append(tag)
            case .close:
                guard let section = open.popLast(), section.content == tag.content else {
                    throw .template(
                        file: source.file,
                        line: tag.line,
                        reason: "{{/\(tag.content)}} closes nothing that is open here"
                    )
                }
            default: break
            }
        }
        if let tag = open.last {
            throw .template(
                file: source.file,
                line: tag.line,
                reason: "\(tag.content) is never closed; close it with {{/\(tag.content)}}"
            )
        }
    }

    /// A block filled in for a layout that has no such block would be dropped in silence.
    private func checkBlock(
        _ tag: TemplateSource.Tag,
        isKnownTo layout: String,
        in source: TemplateSource
    ) throws(SiteGenError) {
        let blocks = closure(of: layout).flatMap(\.tags).filter { $0.kind == .block }.map(\.content)
        guard !blocks.contains(tag.content) else { return }
        let hint = NearestName.of(tag.content, among: blocks).map { "; did you mean \($0)?" } ?? ""
        throw .template(
            file: source.file,
            line: tag.line,
            reason: "\(layout) has no block named \(tag.content)" + hint
        )
    }

    /// A template made of itself would be rendered for ever.
    private func checkCycles(from name: String, _ source: TemplateSource) throws(SiteGenError) {
        for tag in source.dependencies {
            guard closure(of: tag.content).contains(where: { $0.file == source.file }) else { continue }
            throw .template(
                file: source.file,
                line: tag.line,
                reason: "\(name) would contain itself through \(tag.content); break the circle"
            )
        }
    }

    /// The parser's reason in words.
    static func explanation(of error: any Error, near line: String) -> String {
        let place = line.isEmpty ? "" : " near “\(line.prefix(120))”"
        guard let error = error as? MustacheTemplate.Error else { return "the tag is not closed\(place)" }
        return switch error {
        case .sectionCloseNameIncorrect: "this closes another section than the one that is open\(place)"
        case .unfinishedName: "the name in this tag is not finished\(place)"
        case .expectedSectionEnd: "a section is still open at the end of the file; close it with {{/name}}"
        case .invalidSetDelimiter: "this does not set delimiters\(place)"
        case .transformAppliedToInheritanceSection: "a block cannot be transformed\(place)"
        case .illegalTokenInsideInheritSection, .textInsideInheritSection:
            "only blocks may stand between {{<layout}} and its end\(place)"
        case .invalidConfigVariableSyntax, .unrecognisedConfigVariable:
            "the only setting is \(VoxsiteContentType.declaration)\(place)"
        }
    }
}
