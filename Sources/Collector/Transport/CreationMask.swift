import Files

/// Which permissions this process leaves out of what it creates: its umask.
enum CreationMask {
    /// Read once; a program of ours never changes it.
    ///
    /// From /proc, since `umask(2)` cannot ask without setting, which other threads would notice.
    static let value: UInt32 = {
        let bytes = (try? OpenFile.reading("/proc/self/status").readAll(limit: 64 << 10)) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("Umask:") {
            if let mask = UInt32(line.dropFirst(6).trimmed, radix: 8) { return mask & 0o777 }
        }
        return 0o022
    }()

    /// What an ordinary new file has.
    static var newFile: UInt32 { 0o666 & ~value }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    fileprivate var trimmed: Substring {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
