import Foundation

/// Paths as people write them.
enum HomePath {
    /// Puts the home folder in the place of a leading `~/`.
    ///
    /// - Parameter path: any path.
    /// - Returns: the same path where it begins otherwise; `~name` is left alone.
    static func expand(_ path: String) -> String {
        if path == "~" { return NSHomeDirectory() }
        return path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst(1) : path
    }
}
