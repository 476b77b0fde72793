import Files

/// The lines of a text file with their numbers.
enum TextLines {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: a text file; lines end with LF or CR LF, and a byte order mark at its start is left out.
    ///   - limit: no longer file is read.
    /// - Returns: lines that are not blank, numbered from 1; nil for those that are not UTF-8.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    static func read(_ path: String, limit: Int) throws(FilesError) -> [(number: Int, text: String?)] {
        lines(try OpenFile.reading(path).readAll(limit: limit))
    }

    /// The lines of a text.
    static func lines(_ bytes: [UInt8]) -> [(number: Int, text: String?)] {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        let lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            guard line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { return nil }
            return (index + 1, String(validating: line, as: UTF8.self))
        }
    }
}
