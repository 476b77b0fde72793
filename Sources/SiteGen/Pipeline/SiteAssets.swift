import Files

/// The files of `public/`: css, script, icons, whatever a user adds.
enum SiteAssets {
    /// Everything below the folders; of two files of one name the earlier folder's counts.
    ///
    /// - Throws: `SiteGenError.input` for a folder or file that cannot be read.
    static func files(in folders: [String]) throws(SiteGenError) -> [OutputFile] {
        var found: [RelativePath: OutputFile] = [:]
        for folder in folders {
            do throws(FilesError) {
                for entry in try DirectoryTree.walk(folder)
                where entry.kind == .file && found[entry.path] == nil {
                    let isHidden = entry.path.components.contains { $0.hasPrefix(".") && $0 != ".well-known" }
                    guard !isHidden else { continue }
                    let bytes = try OpenFile.reading(entry.path.below(folder)).readAll(limit: 256 << 20)
                    found[entry.path] = OutputFile(
                        path: entry.path,
                        contents: .bytes(bytes),
                        isCompressible: isText(entry.path)
                    )
                }
            } catch {
                throw .input(path: folder, reason: error.description)
            }
        }
        return found.values.sorted { $0.path < $1.path }
    }

    private static func isText(_ path: RelativePath) -> Bool {
        let ending = path.lastComponent.split(separator: ".").last ?? ""
        return ["css", "js", "mjs", "svg", "html", "txt", "xml", "json", "webmanifest"].contains(ending)
    }
}
