import Files
import Foundation
import Yams

/// hosts.yaml as text: read, checked, and understood.
///
///     hosts:
///       gpu:
///         address: root@203.0.113.7:20544
///         jump: bastion
///         host_key: ssh-ed25519 AAAAC3…
///         identity: ~/.ssh/gpu
enum HostFile {
    /// Longer files are no lists of hosts.
    private static let maximumLength = 1 << 20

    /// What a host may have.
    private static let keys = [
        "address", "jump", "host_key", "identity", "passphrase_file", "password_file", "agent",
    ]

    /// The file's text; refused where others could have changed it, for who writes it decides whom we trust.
    static func text(of file: String) throws(CollectorError) -> String {
        let bytes: [UInt8]
        let mode: UInt32
        do throws(FilesError) {
            let handle = try OpenFile.reading(file)
            mode = try handle.identity().mode
            bytes = try handle.readAll(limit: maximumLength)
        } catch { throw .file(error) }
        guard mode & 0o022 == 0 else {
            throw .configuration(
                file: file,
                line: nil,
                reason: "others may write it, and whoever writes it decides which hosts are trusted; run: "
                    + "chmod 600 '\(file)'"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .configuration(file: file, line: nil, reason: "it is not UTF-8 text")
        }
        return text
    }

    /// The hosts in a text.
    static func parse(_ text: String, file: String) throws(CollectorError) -> [KnownHost] {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw problem(error, in: file)
        }
        guard let root, root.string != "" else { return [] }
        guard let top = root.mapping else {
            throw .configuration(
                file: file,
                line: 1,
                reason: "it should begin with hosts: and a list of hosts"
            )
        }
        var hosts: [KnownHost] = []
        for (key, value) in top {
            guard key.string == "hosts" else { throw unknown(key, among: ["hosts"], in: file) }
            if value.null != nil { continue }
            guard let entries = value.mapping else {
                throw .configuration(
                    file: file,
                    line: line(of: value),
                    reason: "hosts: should hold names, each with its address and host_key"
                )
            }
            for (name, entry) in entries { hosts.append(try host(name, entry, file: file)) }
        }
        return hosts
    }

    private static func host(_ key: Node, _ entry: Node, file: String) throws(CollectorError) -> KnownHost {
        guard let name = key.string, isName(name) else {
            throw .configuration(
                file: file,
                line: line(of: key),
                reason: "a host's name is made of letters, digits, dots, dashes and underscores"
            )
        }
        guard let fields = entry.mapping else {
            throw .configuration(file: file, line: line(of: key), reason: "\(name): its address is missing")
        }
        var reader = FieldReader(name: name, line: line(of: key), fields: [:], file: file)
        for (field, value) in fields {
            guard let text = field.string, keys.contains(text) else {
                throw unknown(field, among: keys, in: file)
            }
            reader.fields[text] = value
        }
        let reference = try reader.address()
        return KnownHost(
            name: name,
            user: reference.user,
            address: reference.name,
            port: reference.port ?? 22,
            jump: try reader.jump(),
            keys: try reader.hostKeys(),
            identityFile: try reader.path("identity"),
            passphraseFile: try reader.path("passphrase_file"),
            passwordFile: try reader.path("password_file"),
            usesAgent: try reader.flag("agent") ?? true
        )
    }

    /// Whether ssh, a shell and a known_hosts file take the text as one plain word that matches itself alone.
    static func isName(_ text: String) -> Bool {
        (try? Location.HostReference(text, allowsPort: false)).map { $0.name == text && $0.user == nil }
            ?? false
    }

    static func line(of node: Node) -> Int? { node.mark?.line }

    private static func unknown(_ key: Node, among keys: [String], in file: String) -> CollectorError {
        let text = key.string ?? "?"
        let advice =
            Spelling.nearest(to: text, among: keys).map { "did you mean \($0)?" }
            ?? "known are \(keys.joined(separator: ", "))"
        return .configuration(file: file, line: line(of: key), reason: "unknown key \(text); \(advice)")
    }

    private static func problem(_ error: any Error, in file: String) -> CollectorError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .configuration(file: file, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            .configuration(
                file: file,
                line: context.mark.line,
                reason: "\(duplicates.joined(separator: ", ")) is there twice"
            )
        case let other:
            .configuration(file: file, line: nil, reason: other.map { "\($0)" } ?? "\(error)")
        }
    }
}
