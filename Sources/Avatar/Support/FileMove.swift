import Files
import Glibc

/// Files brought to their place so that a reader there sees the whole file or none of it.
enum FileMove {
    /// Moves a file, also to another file system, replacing what is there.
    ///
    /// - Parameters:
    ///   - source: a file.
    ///   - target: its new path; the folder must exist.
    /// - Throws: ``FilesError``; the source is then still there, and the target as it was.
    static func move(_ source: String, to target: String) throws(FilesError) {
        do { return try FileSystem.rename(source, to: target) } catch {
            guard case .system(_, _, EXDEV) = error else { throw error }
        }
        try copy(source, to: target)
        try FileSystem.removeFile(source)
    }

    /// Copies a file, replacing what is there.
    static func copy(_ source: String, to target: String) throws(FilesError) {
        let input = try OpenFile.reading(source)
        try AtomicFile.write(to: target, synchronizing: false) { file throws(FilesError) in
            try file.copyContents(of: input)
        }
    }
}
