import Files
import Foundation
import Synchronization

/// A private folder with the ssh_config, the pinned keys and the helper for one host, and nothing of the
/// user's or the system's own: what is written here is all that ssh knows.
///
/// ssh takes no options for a jump host from the command line, only from a file; so there is a file.
package final class SSHConfiguration: Sendable {
    /// The host it leads to.
    package let host: ResolvedHost
    /// With mode 0700, removed by ``remove()`` or with the last reference.
    let folder: String
    /// What ssh is started with: few variables, none of them secret.
    package let environment: [String: String]
    private let isRemoved = Mutex(false)

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - host: where it leads to.
    ///   - connectSeconds: how long one connection may take.
    ///   - asksForKey: whether the target's key is not known, and asked for.
    ///   - compresses: whether ssh compresses all that goes over the connection.
    ///   - inherited: the environment of this process.
    /// - Throws: ``CollectorError``: a secret that others may read, no place for the files.
    package init(
        host: ResolvedHost,
        connectSeconds: Double,
        asksForKey: Bool = false,
        compresses: Bool = false,
        inherited: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CollectorError) {
        try SSHAskPass.check(host)
        self.host = host
        let folder: String
        do throws(FilesError) {
            folder = try PrivateFile.makeFolder(Self.runtimeFolder(inherited) + "/voxsite-")
        } catch { throw .file(error) }
        self.folder = folder
        var environment = ["LC_ALL": "C", "PATH": inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"]
        for name in ["HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK"] { environment[name] = inherited[name] }
        do throws(CollectorError) {
            let text = SSHConfigurationText(
                host: host,
                folder: folder,
                connectSeconds: connectSeconds,
                asksForKey: asksForKey,
                compresses: compresses
            )
            try Self.write(text.configuration(), to: folder + "/config")
            try Self.write(text.knownHosts(), to: folder + "/known_hosts")
            if let script = SSHAskPass.script(for: host) {
                try Self.write(script, to: folder + "/askpass", mode: 0o700)
                environment["SSH_ASKPASS"] = folder + "/askpass"
                environment["SSH_ASKPASS_REQUIRE"] = "force"
            }
        } catch {
            try? FileSystem.removeTree(folder)
            throw error
        }
        self.environment = environment
    }

    deinit { remove() }

    /// Removes the folder; ssh is not started with it afterwards.
    package func remove() {
        let isFirst = isRemoved.withLock { removed in
            defer { removed = true }
            return !removed
        }
        if isFirst { try? FileSystem.removeTree(folder) }
    }

    /// What is not as safe as it could be, in sentences for people.
    package static func warnings(for host: ResolvedHost) -> [String] {
        SSHConfigurationText.chain(host).compactMap { known in
            known.passwordFile.map {
                "\(known.name): a password from \($0) is used; a key is safer: ssh-keygen -t ed25519, then "
                    + "identity: in hosts.yaml"
            }
        }
    }

    /// The file for `ssh -F`.
    package var file: String { folder + "/config" }

    /// What that file calls the host.
    package var alias: String { SSHConfigurationText.alias(0) }

    /// Whether a helper in ``environment`` gives ssh the password or passphrase from a file.
    package var hasAskPass: Bool { environment["SSH_ASKPASS"] != nil }

    /// ssh's arguments up to and with the host.
    ///
    /// - Parameters:
    ///   - options: `-o` options and others.
    ///   - index: which host: 0 is the target, 1 the jump host before it.
    /// - Returns: the arguments.
    func arguments(_ options: [String] = [], to index: Int = 0) -> [String] {
        ["-F", file] + options + ["--", SSHConfigurationText.alias(index)]
    }

    /// Where the shared connection listens.
    var controlPath: String { folder + "/m" }

    /// ssh adds 17 bytes to the socket's name while it creates it, and a socket's path has at most 107.
    private static func runtimeFolder(_ environment: [String: String]) -> String {
        guard let given = environment["XDG_RUNTIME_DIR"], given.hasPrefix("/"), given.utf8.count < 60,
            !given.contains(where: { $0 == "\"" || $0 == "\\" || $0 == "$" }),
            FileIdentity.find(given)?.kind == .directory
        else { return "/tmp" }
        return given
    }

    private static func write(
        _ text: String,
        to path: String,
        mode: UInt32 = 0o600
    ) throws(CollectorError) {
        do { try PrivateFile.create(text, at: path, mode: mode) } catch { throw .file(error) }
    }
}
