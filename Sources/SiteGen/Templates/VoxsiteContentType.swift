import Mustache

/// How `{{name}}` is escaped in every template: byte by byte.
///
/// The escaping that comes with swift-mustache looks at Characters, where a quote followed by a combining
/// mark is not a quote, and so a hostile name could leave its attribute.
struct VoxsiteContentType: MustacheContentType {
    /// What `{{% CONTENT_TYPE:VOXSITE}}` atop a template refers to.
    static let name = "VOXSITE"

    /// The line every template and partial starts with.
    ///
    /// Without it partials fall back to the package's own escaping.
    static let declaration = "{{% CONTENT_TYPE:\(name)}}"

    /// Makes the declaration known to the template parser; doing so twice is harmless.
    static func register() {
        MustacheContentTypes.register(VoxsiteContentType(), named: name)
    }

    func escapeText(_ text: String) -> String { HTMLEscaping.escape(text) }
}
