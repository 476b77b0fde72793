import Foundation

@testable import SiteGen

/// The site's own templates, as tests render with them.
enum SampleSite {
    static let templates = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../templates").standardizedFileURL.path

    static func renderer() throws -> PageRenderer {
        try PageRenderer(library: TemplateLibrary.load(directories: [templates]))
    }

    static func text(_ file: OutputFile) -> String {
        guard case .bytes(let bytes) = file.contents else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The page with every drawing left out but its first tag: drawings have golden files of their own, and
    /// changing how a line is drawn changes no page.
    static func textWithoutDrawings(_ file: OutputFile) -> String {
        var text = Self.text(file)
        for (start, end) in [
            ("<figure class=\"chart\"", "</figure>"), ("<svg class=\"ring\"", "</svg>"),
            ("<svg class=\"sparkline", "</svg>"),
        ] {
            let parts = text.components(separatedBy: start)
            text = parts.dropFirst().reduce(parts[0]) { kept, part in
                let tag = part.prefix { $0 != ">" }.split(separator: " ").first { $0.hasPrefix("id=") } ?? ""
                return kept + "\(start) \(tag)>…\(end)"
                    + part.components(separatedBy: end).dropFirst().joined(separator: end)
            }
        }
        return text
    }
}
