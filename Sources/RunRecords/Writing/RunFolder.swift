import Glibc

/// Creates the folders of a run.
enum RunFolder {
    /// Creates a folder and those above it; one that is there already is fine.
    static func create(_ path: String) throws(RunRecordsError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            prefix += component
            // EEXIST also stands for a file of that name, which the next level or the log runs into.
            guard mkdir(prefix, 0o755) == 0 || errno == EEXIST || isFolder(prefix) else {
                let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
                throw .write(path: prefix, reason: "the folder could not be created: \(reason)")
            }
            prefix += "/"
        }
        guard isFolder(path) else {
            throw .write(path: path, reason: "a file of that name is in the way; move it or use another name")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        let saved = errno
        defer { errno = saved }
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
