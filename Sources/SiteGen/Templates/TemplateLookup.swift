import Mustache

/// A context as swift-mustache sees it: looks names up and remembers those it could not offer.
///
/// The package writes an unknown name as nothing. It asks the innermost context first and the page's own
/// last, so a name the page's context lacks as well is offered nowhere.
struct TemplateLookup: MustacheParent {
    private let values: [String: TemplateValue]
    private let isPage: Bool
    private let failures: LookupFailures

    /// The outermost context of a page.
    init(page: TemplateContext, failures: LookupFailures) {
        self.init(values: page.values, isPage: true, failures: failures)
    }

    private init(values: [String: TemplateValue], isPage: Bool, failures: LookupFailures) {
        self.values = values
        self.isPage = isPage
        self.failures = failures
    }

    func child(named name: String) -> Any? {
        switch values[name] {
        case .text(let text): return text
        case .markup(let markup): return markup
        case .flag(let isShown): return isShown
        case .list(let contexts):
            return contexts.map { TemplateLookup(values: $0.values, isPage: false, failures: failures) }
        case .texts(let texts): return texts
        case .absent: return AbsentText(name: name, failures: failures)
        case nil:
            if isPage { failures.record(.unknown(name)) }
            return nil
        }
    }
}

extension TemplateLookup: MustacheCustomRenderable {
    var isNull: Bool { false }

    /// Asked for by `{{.}}` in a section over contexts, which have no text of their own.
    var renderText: String {
        failures.record(.unknown("."))
        return ""
    }
}

/// A value its page does not have: sections over it are left out, writing it is a mistake.
private struct AbsentText: MustacheCustomRenderable {
    let name: String
    let failures: LookupFailures

    var isNull: Bool { true }

    var renderText: String {
        failures.record(.absent(name))
        return ""
    }
}

/// What one rendering could not write; used by one rendering only, on one thread.
final class LookupFailures {
    enum Failure: Equatable {
        /// No context offers the name.
        case unknown(String)
        /// The name is offered but empty here, and written outside a section that checks for it.
        case absent(String)
    }

    private(set) var first: Failure?

    func record(_ failure: Failure) {
        if first == nil { first = failure }
    }
}
