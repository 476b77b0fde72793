/// One template's text and the tags in it, each with its line.
///
/// swift-mustache keeps its tokens to itself and reports mistakes only while parsing, so this reads the tags
/// once more for the checks it does not make: unknown names, partials and blocks.
struct TemplateSource: Sendable {
    /// The path in error messages.
    let file: String
    let text: String
    let tags: [Tag]

    /// One `{{…}}`.
    struct Tag: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case variable, unescaped, section, inverted, close, partial, parent, block, comment, setting
            case delimiters
        }
        let kind: Kind
        /// What stands between the braces, without the mark in front.
        let content: String
        let line: Int

        /// The name looked up, where the tag looks one up: nil for `{{.}}`.
        ///
        /// swift-mustache's functions, such as `{{^last()}}`, count as names no page offers: inside partials
        /// and nested sections they are nothing in silence.
        var lookedUpName: String? {
            switch kind {
            case .variable, .unescaped, .section, .inverted: break
            default: return nil
            }
            return content == "." ? nil : content
        }
    }

    /// Whether values of this name are markup, to be written unescaped.
    static func isMarkupName(_ name: String) -> Bool { name.hasSuffix("Markup") }

    /// Reads the tags of `text`.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` where a tag is not closed.
    init(file: String, text: String) throws(SiteGenError) {
        self.file = file
        self.text = text
        var tags: [Tag] = []
        let bytes = Array(text.utf8)
        let open = UInt8(ascii: "{")
        let close = UInt8(ascii: "}")
        var line = 1
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == open, bytes[index + 1] == open else {
                if bytes[index] == UInt8(ascii: "\n") { line += 1 }
                index += 1
                continue
            }
            let isTriple = index + 2 < bytes.count && bytes[index + 2] == open
            let start = index + (isTriple ? 3 : 2)
            var end = start
            while end + 1 < bytes.count, !(bytes[end] == close && bytes[end + 1] == close) { end += 1 }
            guard end + 1 < bytes.count else {
                throw .template(file: file, line: line, reason: "this {{ has no }} after it; close the tag")
            }
            let content = bytes[start..<end]
            tags.append(Tag(isTriple: isTriple, content: content, line: line))
            line += content.count { $0 == UInt8(ascii: "\n") }
            index = end + (isTriple ? 3 : 2)
        }
        self.tags = tags
    }

    /// The names of the templates this one is made of.
    var dependencies: [Tag] { tags.filter { $0.kind == .partial || $0.kind == .parent } }
}

extension TemplateSource.Tag {
    init(isTriple: Bool, content: ArraySlice<UInt8>, line: Int) {
        self.line = line
        let kinds: [UInt8: Kind] = [
            UInt8(ascii: "#"): .section, UInt8(ascii: "^"): .inverted, UInt8(ascii: "/"): .close,
            UInt8(ascii: ">"): .partial, UInt8(ascii: "<"): .parent, UInt8(ascii: "$"): .block,
            UInt8(ascii: "!"): .comment, UInt8(ascii: "%"): .setting, UInt8(ascii: "="): .delimiters,
            UInt8(ascii: "&"): .unescaped,
        ]
        let marked = isTriple ? nil : content.first.flatMap { kinds[$0] }
        kind = marked ?? (isTriple ? .unescaped : .variable)
        let name = marked == nil ? content : content.dropFirst()
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let trimmed = name.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        self.content = String(decoding: Array(trimmed), as: UTF8.self)
    }
}
