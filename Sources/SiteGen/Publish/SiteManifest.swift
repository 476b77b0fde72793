import Files

/// The list, inside the site, of the files that voxsite made.
///
/// It marks the folder as one that voxsite may write to, and tells what it may remove: every other file in it
/// is somebody else's and stays.
///
/// The format, UTF-8: a line `voxsite-site 1`, a comment line, then one path a line in byte order. An empty
/// file is a manifest without files: the way to hand a non-empty folder over.
struct SiteManifest: Sendable, Equatable {
    static let fileName = ".voxsite-manifest"
    private static let header = "voxsite-site 1"
    private static let comment =
        "# voxsite made these files and replaces them; every other file here is yours."

    /// Paths below the site's root, twins included.
    var paths: Set<RelativePath> = []

    init() {}

    /// Reads what ``text`` wrote; lines that are no paths are passed over.
    ///
    /// Returns nil for a file that some other program or a later version made.
    init?(_ text: String) {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init)
        guard let first = lines.first else { return }
        guard first == SiteManifest.header else { return nil }
        for line in lines.dropFirst() where line.utf8.first != UInt8(ascii: "#") {
            if let path = try? RelativePath(validating: String(line)) { paths.insert(path) }
        }
    }

    /// The file's contents.
    var text: String {
        let lines = [SiteManifest.header, SiteManifest.comment] + paths.sorted().map(\.string)
        return lines.joined(separator: "\n") + "\n"
    }
}
