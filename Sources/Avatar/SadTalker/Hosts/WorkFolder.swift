import Files
import Glibc

/// Folders for one clip each, which nobody else can read.
enum WorkFolder {
    /// What their names begin with, on every host: only such folders are ever removed.
    static let prefix = "voxsite-sadtalker-"

    /// Makes one.
    ///
    /// - Parameter parent: the folder it goes to.
    /// - Returns: its path.
    /// - Throws: ``AvatarError``: a path that SadTalker cannot take, or what the system says.
    static func make(in parent: String) throws(AvatarError) -> String {
        try SadTalkerConfiguration.check(path: parent, key: "TMPDIR")
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .sadTalkerFile(.system(operation: "make a folder", path: parent, code: errno))
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether ``make(in:)`` or its counterpart on a host could have made it.
    static func isOne(_ path: String) -> Bool {
        path.hasPrefix("/") && FileSystem.name(of: path).hasPrefix(prefix)
            && !path.split(separator: "/").contains("..")
            && (try? SadTalkerConfiguration.check(path: path, key: "")) != nil
    }
}
