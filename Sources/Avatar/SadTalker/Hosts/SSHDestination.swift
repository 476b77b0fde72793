/// How ssh reaches a trusted host.
///
/// Whoever knows the trusted hosts makes it; here nobody is asked anything, and a host whose key is not known is refused.
public struct SSHDestination: Sendable, Hashable {
    /// The host in messages.
    public var name: String
    /// The host as ssh knows it: an address, or an alias of its configuration.
    public var host: String
    /// ssh's options: `["-F", "/run/…/config"]`, `["-p", "2222", "-o", "UserKnownHostsFile=…"]`.
    public var options: [String]
    /// Variables that ssh needs beside the usual ones.
    public var environment: [String: String]
    /// `ssh`, or a path.
    public var executable = "ssh"

    /// - Parameters:
    ///   - name: the host in messages.
    ///   - host: the host as ssh knows it.
    ///   - options: ssh's options.
    ///   - environment: variables that ssh needs beside the usual ones.
    public init(
        name: String,
        host: String,
        options: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.name = name
        self.host = host
        self.options = options
        self.environment = environment
    }

    /// ssh's arguments for a command.
    ///
    /// ssh takes the first value that it gets of an option, so nothing that follows can weaken these.
    ///
    /// - Parameter command: for the account's shell; never contains anything from outside.
    /// - Returns: all arguments.
    func arguments(command: String) -> [String] {
        let fixed = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=20", "ServerAliveInterval=15",
            "ServerAliveCountMax=4", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no",
            "LogLevel=ERROR",
        ]
        return ["-T"] + fixed.flatMap { ["-o", $0] } + options + ["--", host, command]
    }
}
