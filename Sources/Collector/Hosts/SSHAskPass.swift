import Foundation

/// The helper that hands a password or passphrase from its 0600 file to ssh.
///
/// Neither ssh's arguments nor its environment nor this process ever hold the secret.
enum SSHAskPass {
    /// A shell script that knows each prompt and the file that answers it; nil where no host has a secret.
    ///
    /// - Parameter host: the hosts on the way, with the names of their secret files.
    /// - Returns: the script.
    static func script(for host: ResolvedHost) -> String? {
        var cases: [String] = []
        for (index, known) in SSHConfigurationText.chain(host).enumerated() {
            let account = "\(known.user ?? NSUserName())@\(SSHConfigurationText.alias(index))"
            if let file = known.passwordFile {
                // sshconnect2.c: "%s@%s's password: " and, keyboard-interactive, "(%s@%s) " and the server's text.
                cases.append(
                    "\(ShellWord.quote("\(account)'s password"))*|\(ShellWord.quote("(\(account)) "))*) "
                        + "exec cat -- \(ShellWord.quote(file));;"
                )
            }
            if let file = known.passphraseFile {
                // "Enter passphrase for key '%.100s': ".
                let start = known.identityFile.map {
                    "'" + String(decoding: $0.utf8.prefix(100), as: UTF8.self)
                }
                cases.append(
                    "\(ShellWord.quote("Enter passphrase for key " + (start ?? "'")))*) "
                        + "exec cat -- \(ShellWord.quote(file));;"
                )
            }
        }
        guard !cases.isEmpty else { return nil }
        return "#!/bin/sh\ncase \"$1\" in\n" + cases.joined(separator: "\n") + "\nesac\nexit 1\n"
    }

    /// Refuses secret files that others may read.
    ///
    /// - Parameter host: the hosts on the way.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``.
    static func check(_ host: ResolvedHost) throws(CollectorError) {
        for known in SSHConfigurationText.chain(host) {
            if let file = known.passwordFile { try SecretFile.check(file, purpose: "the password") }
            if let file = known.passphraseFile { try SecretFile.check(file, purpose: "the passphrase") }
        }
    }
}

/// Words for a POSIX shell.
enum ShellWord {
    /// One word that the shell takes as it is, whatever is in it (a NUL cannot be).
    ///
    /// - Parameter text: any text.
    /// - Returns: the text in single quotes.
    static func quote(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }
}
