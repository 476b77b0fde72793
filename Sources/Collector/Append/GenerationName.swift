import Files

/// The names of what a file was before it began anew: `metrics.jsonl.gen0001`.
///
/// Numbers grow and are never used twice, and no file is ever renamed a second time, so whoever remembers a place
/// in one of them finds it there again. Bytes that were cut off behind a place have it in their name:
/// `metrics.jsonl.gen0002.at4711`.
enum GenerationName {
    /// A file that begins anew more often is left alone: its writer is at fault.
    static let largestNumber = 999_999

    /// The name of an earlier generation.
    ///
    /// - Parameters:
    ///   - path: the file's own name.
    ///   - number: the generation's.
    ///   - offset: where in the file the bytes began; nil for a whole file.
    /// - Returns: a path in the same folder.
    /// - Throws: ``CollectorError/refused(_:reason:)`` where the name would be too long.
    static func path(
        of path: RelativePath,
        number: Int,
        offset: Int? = nil
    ) throws(CollectorError) -> RelativePath {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let suffix = ".gen\(padded)" + (offset.map { ".at\($0)" } ?? "")
        do throws(FilesError) { return try path.withSuffix(suffix) } catch {
            throw .refused(path.string, reason: error.explanation)
        }
    }

    /// The number of a generation.
    ///
    /// - Parameters:
    ///   - name: a file's name.
    ///   - base: the name of the file whose generations are looked for.
    /// - Returns: nil where it is no generation of that file.
    static func number(of name: some StringProtocol, base: some StringProtocol) -> Int? {
        guard name.hasPrefix(base) else { return nil }
        return number(ofSuffix: name.dropFirst(base.count))
    }

    /// Whether a name is that of a generation of any file, so that nothing from a source may overwrite it.
    ///
    /// - Parameter path: any path.
    /// - Returns: true for `….gen0001` and `….gen0001.at17`.
    static func isGeneration(_ path: RelativePath) -> Bool {
        let name = path.lastComponent
        var rest = name[...]
        while let range = rest.firstRange(of: ".gen") {
            if range.lowerBound > name.startIndex, number(ofSuffix: rest[range.lowerBound...]) != nil {
                return true
            }
            rest = rest[range.upperBound...]
        }
        return false
    }

    /// Reads `.gen0001` and `.gen0001.at17`.
    private static func number(ofSuffix suffix: some StringProtocol) -> Int? {
        guard suffix.hasPrefix(".gen") else { return nil }
        let parts = suffix.dropFirst(4).split(separator: ".", omittingEmptySubsequences: false)
        guard let digits = parts.first, digits.utf8.count >= 4, isNumber(digits) else { return nil }
        switch parts.count {
        case 1: break
        case 2: guard parts[1].hasPrefix("at"), isNumber(parts[1].dropFirst(2)) else { return nil }
        default: return nil
        }
        guard let number = Int(digits), number <= largestNumber else { return nil }
        return number
    }

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
