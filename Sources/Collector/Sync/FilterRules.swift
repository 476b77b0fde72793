public import Files

/// Which names of a tree take part: a list of patterns of which the first that fits decides.
///
/// Source: rsync(1), "FILTER RULES"; exclude.c, `rule_matches`.
public struct FilterRules: Sendable, Hashable {
    /// One pattern and what it does.
    struct Rule: Sendable, Hashable {
        var includes: Bool
        var isForFoldersOnly = false
        /// At the start of the path, as `/` at the pattern's start says.
        var isAnchored = false
        var slashCount = 0
        var hasWildcards = false
        var hasDoubleStar = false
        var beginsWithDoubleStar = false
        var endsWithTripleStar = false
        var pattern: [UInt8]
    }

    private(set) var rules: [Rule] = []

    /// No rule: everything takes part.
    public init() {}

    /// Whether there is no rule.
    public var isEmpty: Bool { rules.isEmpty }

    /// Adds the pattern of `--include` or `--exclude`.
    ///
    /// As in rsync, `+ ` and `- ` at its start turn the meaning, and a lone `!` forgets all rules before.
    ///
    /// - Parameters:
    ///   - pattern: as written.
    ///   - includes: whether what fits takes part.
    /// - Throws: ``CollectorError/usage(_:)`` where it is empty.
    public mutating func add(_ pattern: String, includes: Bool) throws(CollectorError) {
        var includes = includes
        var text = Array(pattern.utf8)
        if text == [UInt8(ascii: "!")] {
            rules = []
            return
        }
        if text.count > 2, text[1] == UInt8(ascii: " ") {
            if text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-") {
                includes = text[0] == UInt8(ascii: "+")
                text.removeFirst(2)
            }
        }
        guard !text.isEmpty else { throw .usage("an empty pattern fits nothing; leave it out") }
        rules.append(Rule(text, includes: includes))
    }

    /// Adds the patterns of a file, one a line; empty lines and those that begin with `;` or `#` are passed over.
    ///
    /// - Parameters:
    ///   - contents: of the file.
    ///   - includes: whether what fits takes part.
    /// - Throws: ``CollectorError/usage(_:)``.
    public mutating func add(contents: [UInt8], includes: Bool) throws(CollectorError) {
        for line in contents.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let first = line.first, first != UInt8(ascii: ";"), first != UInt8(ascii: "#") else {
                continue
            }
            try add(String(decoding: line, as: UTF8.self), includes: includes)
        }
    }

    /// Whether a name is left out by the rules, its folders not considered.
    ///
    /// - Parameters:
    ///   - path: below the top of the transfer.
    ///   - isFolder: whether it is one.
    /// - Returns: what the first rule that fits says; false where none does.
    public func excludes(_ path: RelativePath, isFolder: Bool) -> Bool {
        for rule in rules where rule.matches(Array(path.string.utf8), isFolder: isFolder) {
            return !rule.includes
        }
        return false
    }

    /// Whether a file is left out, by its own name or by that of a folder it lies in.
    ///
    /// - Parameter path: of a file, below the top of the transfer.
    /// - Returns: whether it takes no part.
    public func leavesOut(_ path: RelativePath) -> Bool {
        var folder = path.parent
        while let next = folder {
            if excludes(next, isFolder: true) { return true }
            folder = next.parent
        }
        return excludes(path, isFolder: false)
    }
}

extension FilterRules.Rule {
    fileprivate init(_ text: [UInt8], includes: Bool) {
        var pattern = text
        let slash = UInt8(ascii: "/")
        self.includes = includes
        if pattern.count > 1, pattern.last == slash {
            pattern.removeLast()
            isForFoldersOnly = true
        }
        slashCount = pattern.count { $0 == slash }
        let star = UInt8(ascii: "*")
        hasWildcards = pattern.contains { $0 == star || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
        hasDoubleStar = zip(pattern, pattern.dropFirst()).contains { $0 == star && $1 == star }
        beginsWithDoubleStar = pattern.starts(with: [star, star])
        endsWithTripleStar = pattern.suffix(3).elementsEqual([star, star, star])
        if pattern.first == slash {
            isAnchored = true
            pattern.removeFirst()
        }
        self.pattern = pattern
    }

    func matches(_ path: [UInt8], isFolder: Bool) -> Bool {
        if isForFoldersOnly, !isFolder { return false }
        let slash = UInt8(ascii: "/")
        var name = path[...]
        if slashCount == 0, !hasDoubleStar {
            if let last = name.lastIndex(of: slash) { name = name[(last + 1)...] }
        } else if beginsWithDoubleStar {
            name = ([slash] + name)[...]
        }
        if isFolder, endsWithTripleStar { name = (name + [slash])[...] }
        guard hasWildcards else {
            if isAnchored { return name.elementsEqual(pattern) }
            guard name.count >= pattern.count, name.suffix(pattern.count).elementsEqual(pattern) else {
                return false
            }
            return name.count == pattern.count || name[name.endIndex - pattern.count - 1] == slash
        }
        let wildcard = WildcardPattern(pattern)
        if !isAnchored, slashCount > 0, !hasDoubleStar {
            // As many names from the end as the pattern has.
            var count = slashCount
            var start = name.endIndex
            while start > name.startIndex {
                if name[start - 1] == slash {
                    if count == 0 { break }
                    count -= 1
                }
                start -= 1
            }
            return count == 0 && wildcard.matches(name[start...])
        }
        if !isAnchored, hasDoubleStar, !beginsWithDoubleStar {
            if wildcard.matches(name) { return true }
            return name.indices.contains { name[$0] == slash && wildcard.matches(name[($0 + 1)...]) }
        }
        return wildcard.matches(name)
    }
}
