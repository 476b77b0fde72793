/// What a page offers its template under one name.
enum TemplateValue: Sendable, Equatable {
    /// Text from anywhere, escaped where it is written.
    case text(String)
    /// Markup made by our own code, written as it is with `{{{…Markup}}}`.
    case markup(String)
    /// Shows a section or leaves it out.
    case flag(Bool)
    /// A section repeated for each context, left out where there is none.
    case list([TemplateContext])
    /// A section repeated for each text, written with `{{.}}` inside.
    case texts([String])
    /// Offered, but this page has none: sections over it are left out, and writing it is an error.
    case absent

    /// Text that may be missing; an empty text counts as missing.
    static func optional(_ text: String?) -> TemplateValue {
        guard let text, !text.isEmpty else { return .absent }
        return .text(text)
    }

    /// A nested context that may be missing.
    static func optional(_ context: TemplateContext?) -> TemplateValue {
        context.map { .list([$0]) } ?? .absent
    }
}

/// The values one part of a page offers its template, by name.
///
/// A part always offers the same names, with ``TemplateValue/absent`` for what it lacks, so that a name
/// never means the value of an outer part by accident.
struct TemplateContext: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    private(set) var values: [String: TemplateValue]

    init(dictionaryLiteral elements: (TemplateName, TemplateValue)...) {
        values = Dictionary(minimumCapacity: elements.count)
        for (name, value) in elements { self[name] = value }
    }

    /// The value under `name`.
    subscript(name: TemplateName) -> TemplateValue? {
        get { values[name.rawValue] }
        set {
            if case .markup = newValue {
                assert(TemplateSource.isMarkupName(name.rawValue), "\(name) holds markup, so it must say so")
            }
            values[name.rawValue] = newValue
        }
    }

    /// This context with all of `other`'s values.
    func merging(_ other: TemplateContext) -> TemplateContext {
        var merged = self
        merged.values.merge(other.values) { _, new in new }
        return merged
    }
}

extension TemplateValue: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self = .text(value) }
}
