import Foundation

extension SSHServer {
    /// The account with the password.
    static let passwordUser = "voxsite-test"

    /// Why no server with a password can be had here; nil where one can.
    ///
    /// sshd finds accounts in /etc/passwd and /etc/shadow alone. It gets its own ones there, in a mount namespace of
    /// its own: the system's stay as they are.
    public static let passwordAbsence: String? = {
        if executable == nil { return absence }
        guard getuid() == 0 else { return "an sshd with an account of its own needs root" }
        let probe = try? PlainProcess("/usr/bin/unshare", ["--mount", "true"], log: "/dev/null")
        return probe?.waitForExit() == true ? nil : "no mount namespaces here"
    }()

    /// The system's accounts and one more, which is root by another name.
    static func writeAccounts(password: String, in folder: TemporaryDirectory) throws {
        try folder.write(password + "\n", to: "password")
        let log = folder.path(of: "hash")
        let words = ["passwd", "-6", "-in", folder.path(of: "password")]
        guard try PlainProcess("/usr/bin/openssl", words, log: log).waitForExit() else {
            throw PlainProcessError.failed("openssl", log: log)
        }
        let hash = try folder.readText("hash").split(separator: "\n").first ?? "*"
        for (name, line) in [
            ("passwd", "\(passwordUser):x:0:0::\(folder.path):/bin/sh\n"),
            ("shadow", "\(passwordUser):\(hash):19000::::::\n"),
        ] {
            let system = try String(contentsOfFile: "/etc/" + name, encoding: .utf8)
            try folder.write(system + line, to: name)
            chmod(folder.path(of: name), 0o600)
        }
        chmod(folder.path(of: "passwd"), 0o644)
        try folder.remove("password")
    }

    /// A command that sees these accounts instead of the system's.
    static func withOwnAccounts(of folder: TemporaryDirectory, _ command: [String]) -> [String] {
        let script =
            "mount --bind \"$1/passwd\" /etc/passwd && mount --bind \"$1/shadow\" /etc/shadow && shift && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "sh", "-c", script, "sh", folder.path] + command
    }
}
