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
        guard let root = try YAMLBlock.compose(text, file: file), root.string != "" else { return [] }
        let top = try YAMLBlock(root, what: "the file", file: file, keys: ["hosts"])
        var hosts: [KnownHost] = []
        for (name, entry) in try top.entries("hosts", "names, each with its address and host_key") {
            hosts.append(try host(name, entry, file: file))
        }
        return hosts
    }

    private static func host(_ key: Node, _ entry: Node, file: String) throws(CollectorError) -> KnownHost {
        guard let name = key.string, isName(name) else {
            throw .configuration(
                file: file,
                line: key.mark?.line,
                reason: "a host's name is made of letters, digits, dots, dashes and underscores"
            )
        }
        let fields = HostFields(
            block: try YAMLBlock(entry, what: name, line: key.mark?.line, file: file, keys: keys)
        )
        let reference = try fields.address()
        return KnownHost(
            name: name,
            user: reference.user,
            address: reference.name,
            port: reference.port ?? 22,
            jump: try fields.jump(),
            keys: try fields.hostKeys(),
            identityFile: try fields.path("identity"),
            passphraseFile: try fields.path("passphrase_file"),
            passwordFile: try fields.path("password_file"),
            usesAgent: try fields.block.flag("agent") ?? true
        )
    }

    /// Whether ssh, a shell and a known_hosts file take the text as one plain word that matches itself alone.
    static func isName(_ text: String) -> Bool {
        (try? Location.HostReference(text, allowsPort: false)).map { $0.name == text && $0.user == nil }
            ?? false
    }
}
