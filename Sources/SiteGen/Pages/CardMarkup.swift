import Synchronization

/// A run's card as markup, drawn when first asked for and kept with the card.
///
/// A new line in one of a hundred runs then costs one card: the other ninety-nine are as they were.
final class CardMarkup: Sendable {
    private let drawn = Mutex<(library: TemplateLibrary.Identity, markup: String)?>(nil)

    /// The markup `context` gives with `template`, anew only where the templates are others than before.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` for a mistake in the template.
    func markup(
        of context: TemplateContext,
        with template: String,
        in library: TemplateLibrary
    ) throws(SiteGenError) -> String {
        if let drawn = drawn.withLock({ $0 }), drawn.library === library.identity { return drawn.markup }
        let markup = try library.render(template, with: context)
        drawn.withLock { $0 = (library.identity, markup) }
        return markup
    }
}
