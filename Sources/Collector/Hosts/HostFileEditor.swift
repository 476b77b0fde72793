import Files
import Yams

/// Changes hosts.yaml as text, so that what people have written around the hosts stays as it is.
///
/// Each result is read again and must hold exactly the hosts that were meant; where the text is laid out in a way
/// that cannot be changed safely, nothing is changed and the lines to write are named instead.
struct HostFileEditor {
    /// The text before.
    let text: String
    /// Where it is, for messages.
    let file: String

    /// The text with one host more, at its end.
    func adding(_ host: KnownHost) throws(CollectorError) -> String {
        let old = try HostFile.parse(text, file: file)
        let block = Self.block(host, indent: try layout().map(\.indent).first ?? 2)
        var lines = text
        if !lines.isEmpty, !lines.hasSuffix("\n") { lines += "\n" }
        if try !hasHosts() { lines += "hosts:\n" }
        return try checked(lines + block, hosts: old + [host], advice: "add these lines by hand:\n\(block)")
    }

    /// The text without a host; comments around it stay.
    func removing(_ name: String) throws(CollectorError) -> String {
        let old = try HostFile.parse(text, file: file)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let range = try extent(of: name, in: lines)
        lines.removeSubrange(range)
        return try checked(
            lines.joined(separator: "\n"),
            hosts: old.filter { $0.name != name },
            advice: "remove the block of \(name) by hand"
        )
    }

    /// The text with another address for a host.
    func moving(_ name: String, to address: Location.HostReference) throws(CollectorError) -> String {
        var hosts = try HostFile.parse(text, file: file)
        guard let index = hosts.firstIndex(where: { $0.name == name }) else { throw .hostUnknown(name) }
        hosts[index].user = address.user
        hosts[index].address = address.name
        hosts[index].port = address.port ?? 22
        let advice = "change the address of \(name) by hand to \(hosts[index].writtenAddress)"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let mark = try? addressMark(of: name), lines.indices.contains(mark.line - 1) else {
            throw unchangeable(advice)
        }
        let line = lines[mark.line - 1].utf8
        guard let start = line.index(line.startIndex, offsetBy: mark.column - 1, limitedBy: line.endIndex)
        else {
            throw unchangeable(advice)
        }
        let value = line[start...]
        let rest = Self.behindScalar(value)
        lines[mark.line - 1] =
            String(Substring(line[..<start])) + Self.scalar(hosts[index].writtenAddress)
            + String(Substring(rest))
        return try checked(lines.joined(separator: "\n"), hosts: hosts, advice: advice)
    }

    /// A host as lines of hosts.yaml.
    static func block(_ host: KnownHost, indent: Int) -> String {
        var fields = [("address", scalar(host.writtenAddress))]
        if let jump = host.jump { fields.append(("jump", scalar(jump))) }
        if host.keys.count == 1, let key = host.keys.first {
            fields.append(("host_key", scalar(key.description)))
        } else {
            fields.append(
                ("host_key", "[" + host.keys.map { scalar($0.description) }.joined(separator: ", ") + "]")
            )
        }
        for (name, path) in [
            ("identity", host.identityFile), ("passphrase_file", host.passphraseFile),
            ("password_file", host.passwordFile),
        ] {
            if let path { fields.append((name, scalar(path))) }
        }
        if !host.usesAgent { fields.append(("agent", "false")) }
        let margin = String(repeating: " ", count: indent)
        return "\(margin)\(host.name):\n" + fields.map { "\(margin)  \($0.0): \($0.1)\n" }.joined()
    }

    /// A YAML scalar, quoted where it could be read as something else.
    static func scalar(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-@:+= ".utf8.contains(byte)
        }
        let isWord = text.utf8.first.map { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "/") } ?? false
        if isPlain, isWord, !text.contains(": "), !text.hasSuffix(":"), !text.hasSuffix(" ") { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Where a host's block begins and how far it is indented, in the file's order.
    private func layout() throws(CollectorError) -> [(name: String, line: Int, indent: Int)] {
        let pair = try root()?.mapping?.first { $0.key.string == "hosts" }
        guard let pair, let hosts = pair.value.mapping, let head = pair.key.mark else { return [] }
        let layout = hosts.compactMap { key, _ -> (name: String, line: Int, indent: Int)? in
            guard let name = key.string, let mark = key.mark else { return nil }
            return (name, mark.line, mark.column - 1)
        }
        // One below the other, each on a line of its own, or it is not touched.
        let isPlain = zip([head.line] + layout.map(\.line), layout.map(\.line)).allSatisfy { $0 < $1 }
        return isPlain && layout.count == hosts.count ? layout : []
    }

    private func hasHosts() throws(CollectorError) -> Bool { try root()?.mapping?["hosts"] != nil }

    private func root() throws(CollectorError) -> Node? {
        do { return try Yams.compose(yaml: text) } catch {
            throw .configuration(file: file, line: nil, reason: "\(error)")
        }
    }

    /// The lines of a host, without the comments and blank lines before the next one.
    private func extent(of name: String, in lines: [Substring]) throws(CollectorError) -> Range<Int> {
        let layout = try layout()
        guard let index = layout.firstIndex(where: { $0.name == name }) else {
            throw unchangeable("remove the block of \(name) by hand")
        }
        let start = layout[index].line - 1
        var end = index + 1 < layout.count ? layout[index + 1].line - 1 : lines.count
        guard start < end, end <= lines.count else {
            throw unchangeable("remove the block of \(name) by hand")
        }
        while end > start + 1 {
            let line = lines[end - 1]
            let content = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            let indent = line.utf8.count - content.utf8.count
            let isOutside = content.isEmpty || content.first == "#" && indent <= layout[index].indent
            guard isOutside else { break }
            end -= 1
        }
        return start..<end
    }

    private func addressMark(of name: String) throws -> Mark? {
        let host = try root()?.mapping?["hosts"]?.mapping?.first { $0.key.string == name }?.value
        return host?.mapping?.first { $0.key.string == "address" }?.value.mark
    }

    /// What stands behind a scalar on its line: a comment, perhaps, and the blanks before it.
    private static func behindScalar(_ value: Substring.UTF8View) -> Substring.UTF8View {
        if let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            guard let end = value.dropFirst().firstIndex(of: quote) else { return value.suffix(0) }
            return value[value.index(after: end)...]
        }
        var previous: UInt8 = 0
        for index in value.indices {
            if value[index] == UInt8(ascii: "#"), previous == UInt8(ascii: " ") {
                let content = value[..<index].lastIndex { $0 != UInt8(ascii: " ") } ?? value.startIndex
                return value[value.index(after: content)...]
            }
            previous = value[index]
        }
        return value.suffix(0)
    }

    private func checked(
        _ changed: String,
        hosts: [KnownHost],
        advice: String
    ) throws(CollectorError) -> String {
        let result = try? HostFile.parse(changed, file: file)
        guard let result, Set(result) == Set(hosts), result.count == hosts.count else {
            throw unchangeable(advice)
        }
        return changed
    }

    private func unchangeable(_ advice: String) -> CollectorError {
        .configuration(
            file: file,
            line: nil,
            reason: "it is laid out in a way that is not changed; \(advice)"
        )
    }
}
