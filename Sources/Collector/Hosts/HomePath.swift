import Foundation

/// Paths as people write them.
enum HomePath {
    /// Puts the home folder in the place of a leading `~/`.
    ///
    /// - Parameter path: any path.
    /// - Returns: the same path where it begins otherwise; `~name` is left alone.
    static func expand(_ path: String) -> String {
        if path == "~" { return home }
        return path.hasPrefix("~/") ? home + path.dropFirst(1) : path
    }

    /// What a shell puts there: `HOME` where it is set, else the account's folder.
    private static var home: String {
        let given = ProcessInfo.processInfo.environment["HOME"] ?? ""
        return given.hasPrefix("/") ? given : NSHomeDirectory()
    }
}

extension HomePath {
    /// The path from the root of the file system: what is stored must not depend on where it is read.
    ///
    /// - Parameter path: as people write it on a command line.
    /// - Returns: an absolute path, or one that begins with `~name`.
    static func absolute(_ path: String) -> String {
        let expanded = expand(path)
        if expanded.hasPrefix("/") || expanded.hasPrefix("~") { return expanded }
        return FileManager.default.currentDirectoryPath + "/" + expanded
    }
}
