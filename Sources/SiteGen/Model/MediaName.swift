import Files

/// Which files of a run may stand on the site: clips, sounds and pictures, by the ending of their names.
///
/// A log names the files that are published, and whoever writes logs must not be able to publish a page, a
/// script or a drawing with scripts in it (SVG), which browsers would run as part of the site.
enum MediaName {
    private static let endings: Set<String> = [
        "mp4", "m4v", "webm", "mov", "ogv",
        "wav", "mp3", "ogg", "oga", "opus", "flac", "m4a", "aac",
        "png", "jpg", "jpeg", "webp", "gif", "avif",
    ]

    /// Whether a file is one of them.
    static func isMedia(_ path: RelativePath) -> Bool {
        let name = path.lastComponent
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return endings.contains(name[name.utf8.index(after: dot)...].lowercased())
    }
}
