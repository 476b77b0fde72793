import Glibc

/// What went wrong with a file, a folder or a path.
public enum FilesError: Error, Equatable, Sendable {
    /// A path from outside that could leave its root or cannot name a file: absolute, `..`, NUL, too long.
    case unsafePath(String, reason: String)
    /// A system call failed. `code` is the `errno` it left.
    case system(operation: String, path: String, code: Int32)
}

extension FilesError {
    /// The system's own words for the failure, `No space left on device`; nil for an unsafe path.
    public var systemReason: String? {
        guard case .system(_, _, let code) = self else { return nil }
        return FilesError.reason(for: code)
    }

    /// The `errno` of a failed system call; nil for an unsafe path.
    public var code: Int32? {
        guard case .system(_, _, let code) = self else { return nil }
        return code
    }

    /// What `errno` value `code` means, as the C library words it.
    static func reason(for code: Int32) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
                return "error \(code)"
            }
            let text = unsafe buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

extension FilesError: CustomStringConvertible {
    /// What failed, where, why, and what to do next.
    ///
    ///     /srv/site/index.html: cannot write: No space left on device; free some space on that disk
    public var description: String {
        "\(FilesError.printable(path)): \(explanation)"
    }

    /// The path that the failure is about.
    public var path: String {
        switch self {
        case .unsafePath(let path, _), .system(_, let path, _): path
        }
    }

    /// The description without the path it begins with.
    public var explanation: String {
        switch self {
        case .unsafePath(_, let reason): return "not a usable path: \(reason)"
        case .system(let operation, _, let code):
            let sentence = "cannot \(operation): \(FilesError.reason(for: code))"
            guard let advice = FilesError.advice(operation: operation, code: code) else { return sentence }
            return "\(sentence); \(advice)"
        }
    }

    /// The operation that adds an inotify watch; its limits have their own advice.
    static let watchOperation = "watch"

    private static func advice(operation: String, code: Int32) -> String? {
        switch (operation, code) {
        case (watchOperation, ENOSPC):
            "all inotify watches of this user are in use; raise the limit: "
                + "sysctl fs.inotify.max_user_watches=1048576"
        case (watchOperation, EMFILE):
            "all inotify instances of this user are in use; raise the limit: "
                + "sysctl fs.inotify.max_user_instances=1024"
        case (_, ENOENT): "check the spelling, or create it first"
        case (_, EACCES), (_, EPERM): "change its permissions or owner, or choose another place"
        case (_, ENOSPC), (_, EDQUOT): "free some space on that disk"
        case (_, EROFS): "the file system is mounted read-only; choose another place"
        case (_, EMFILE): "too many files are open; raise the limit with ulimit -n"
        case (_, ENOTDIR): "a file stands where a folder is needed; move it away"
        case ("read", EISDIR), ("open", EISDIR): "it is a folder; name the file"
        case (_, EISDIR): "a folder stands where a file is needed; move it away"
        case (_, ENAMETOOLONG): "shorten the name"
        case (_, ELOOP): "symbolic links there form a loop, or are not followed on purpose"
        default: nil
        }
    }

    /// A path as one short line of visible text, whatever its bytes were.
    private static func printable(_ path: String) -> String {
        var text = ""
        for scalar in path.unicodeScalars.prefix(512) {
            if scalar.properties.generalCategory == .control {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return path.unicodeScalars.count > 512 ? text + "…" : text
    }
}
