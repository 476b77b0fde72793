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
}
