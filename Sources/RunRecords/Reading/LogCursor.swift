package import Files

/// How far a log has been read, and enough of what was read to tell whether it is still the same log.
///
/// Followed by inode, size and the very bytes at both ends of what was read: an rsync replaces the inode, a
/// restart truncates, an editor rewrites in place. What is written over in the middle shows by the time alone.
package struct LogCursor: Sendable, Equatable {
    package let identity: FileIdentity
    /// Where reading goes on: behind the last complete line.
    package let offset: Int
    /// Lines read so far.
    package let lineCount: Int
    /// Bytes of a last line whose newline has not come.
    package let unfinishedBytes: Int
    /// An array has no lines to append: it is read anew whenever it changes.
    package let isArray: Bool
    let head: [UInt8]
    let tail: [UInt8]

    static let sampleSize = 1024
}

/// What happened to a log since a cursor was taken.
package enum LogChange: Sendable, Equatable {
    case unchanged
    /// Bytes were added behind what was read.
    case appended
    /// It is another log, or a shorter or rewritten one: all of it has to be read anew.
    case replaced
}

extension LogCursor {
    /// Compares with the file as it is now.
    package func change(at path: String) throws(RunRecordsError) -> LogChange {
        try change(of: LogFile(path: path))
    }

    func change(of file: LogFile) throws(RunRecordsError) -> LogChange {
        guard file.identity.device == identity.device, file.identity.inode == identity.inode,
            file.identity.size >= offset
        else { return .replaced }
        if file.identity == identity { return .unchanged }
        // The same length written at another time is no append: something was written over.
        guard !isArray, !isUndecided, file.identity.size != identity.size else { return .replaced }
        guard try file.bytes(at: 0, count: head.count) == head,
            try file.bytes(at: offset - tail.count, count: tail.count) == tail
        else { return .replaced }
        return .appended
    }

    /// Whether all that was read is blank: what comes may still turn out to be an array.
    private var isUndecided: Bool { offset <= head.count && head.allSatisfy(Self.isBlank) }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
