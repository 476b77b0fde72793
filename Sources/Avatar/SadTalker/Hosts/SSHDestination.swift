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
    /// Whether a program named in ``environment`` (`SSH_ASKPASS`) answers ssh's questions; else it asks none.
    public var hasAskPass: Bool
    /// The command by which a person sees what is wrong with the host.
    public var trial: String
    /// `ssh`, or a path.
    public var executable = "ssh"

    /// - Parameters:
    ///   - name: the host in messages.
    ///   - host: the host as ssh knows it.
    ///   - options: ssh's options.
    ///   - environment: variables that ssh needs beside the usual ones.
    ///   - hasAskPass: whether a program named there answers ssh's questions.
    ///   - trial: the command by which a person sees what is wrong with the host; `ssh HOST` unless given.
    public init(
        name: String,
        host: String,
        options: [String] = [],
        environment: [String: String] = [:],
        hasAskPass: Bool = false,
        trial: String? = nil
    ) {
        self.name = name
        self.host = host
        self.options = options
        self.environment = environment
        self.hasAskPass = hasAskPass
        self.trial = trial ?? "ssh \(host)"
    }

    /// ssh's arguments for a command.
    ///
    /// ssh takes the first value that it gets of an option, so nothing that follows can weaken these.
    ///
    /// - Parameter command: for the account's shell; never contains anything from outside.
    /// - Returns: all arguments.
    func arguments(command: String) -> [String] {
        let fixed = [
            "BatchMode=\(hasAskPass ? "no" : "yes")", "StrictHostKeyChecking=yes", "ConnectTimeout=20",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=4", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no",
            "LogLevel=ERROR",
        ]
        return ["-T"] + fixed.flatMap { ["-o", $0] } + options + ["--", host, command]
    }
}
