public import Files

/// Why something could not be carried from one host to another.
///
/// Every description says what failed and where, why, and what to do next. None holds a password, a key or the
/// user part of a URL.
public enum CollectorError: Error, Equatable, Sendable {
    /// Options that make no sense, or are not supported.
    case usage(String)
    /// A configuration file that cannot be used; the line where it is known.
    case configuration(file: String, line: Int?, reason: String)
    /// What was named to be carried does not exist or cannot be chosen.
    case selection(String, reason: String)
    /// The host is not among the known ones, so nothing can be trusted to be it.
    case hostUnknown(String)
    /// The host shows another key than the pinned one. Never retried, never overridden by an option.
    case hostKeyChanged(host: String, pinned: String, offered: String)
    /// The host does not let us in.
    case authentication(host: String, reason: String)
    /// No connection to the host, or it broke before anything was asked.
    case connection(host: String, reason: String)
    /// No connection within the time allowed.
    case connectTimeout(host: String, seconds: Double)
    /// The other side fell silent.
    case timeout(String, seconds: Double)
    /// The connection broke in the middle of a transfer.
    case stream(String, reason: String)
    /// The other side answered what the protocol does not allow.
    case protocolViolation(String, reason: String)
    /// A file or folder here cannot be read or written.
    case file(FilesError)
    /// A file or folder on the other side cannot be read or written.
    case remoteFile(String, operation: String, reason: String)
    /// Nothing is there any more.
    case vanished(String)
    /// Something has that name already.
    case exists(String)
    /// A name, link or size from the other side that is not followed.
    case refused(String, reason: String)
    /// The source changed while it was read; what came is not used.
    case changed(String)
    /// What came is not what was sent, or is no whole checkpoint.
    case verification(String, reason: String)
    /// Deleting stopped before it did harm.
    case deletionStopped(String)
    /// Some files were carried and some were not; each has been reported.
    case partial(String)
}

extension CollectorError {
    /// What to do after a failure.
    public enum RetryClass: Sendable {
        /// Try again after a while: networks come back, disks are tidied.
        case transient
        /// Try again in minutes: it is for somebody at the other side to put right, and nobody will tell us when.
        case slow
        /// Leave this file, go on with others.
        case permanent
        /// Leave this host until a person has looked.
        case fatal
    }

    /// Whether trying again can help.
    public var retryClass: RetryClass {
        switch self {
        case .connection, .connectTimeout, .timeout, .stream, .changed, .file, .partial: .transient
        case .remoteFile, .vanished, .exists, .refused, .verification, .protocolViolation: .permanent
        case .authentication: .slow
        case .usage, .configuration, .selection, .hostUnknown, .hostKeyChanged, .deletionStopped: .fatal
        }
    }

    /// What a shell is told: the numbers of rsync(1), "EXIT VALUES".
    public var exitStatus: Int32 {
        switch self {
        case .usage, .configuration: 1
        case .protocolViolation: 2
        case .selection: 3
        case .hostUnknown, .hostKeyChanged, .authentication: 5
        case .connection: 10
        case .file: 11
        case .stream: 12
        case .remoteFile, .exists, .refused, .changed, .verification, .partial: 23
        case .vanished: 24
        case .deletionStopped: 25
        case .timeout: 30
        case .connectTimeout: 35
        }
    }
}

extension CollectorError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    public var description: String {
        switch self {
        case .usage(let text): text
        case .configuration(let file, let line, let reason):
            line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
        case .selection(let what, let reason): "\(what): \(reason)"
        case .hostUnknown(let host):
            "\(host): not a known host, so it is not trusted; see voxsite hosts list, or add it once: "
                + "voxsite hosts add NAME user@host:port"
        case .hostKeyChanged(let host, let pinned, let offered):
            "\(host): ITS KEY HAS CHANGED, nothing was sent: pinned \(pinned), offered \(offered); if the machine "
                + "was really replaced, run: voxsite hosts remove \(host), then voxsite hosts add \(host) …"
        case .authentication(let host, let reason):
            "\(host): it does not let us in: \(reason); check the user name and the identity or password_file "
                + "in hosts.yaml, and that the public key is in the host's ~/.ssh/authorized_keys"
        case .connection(let host, let reason):
            "\(host): no connection: \(reason); check that the machine runs and its address is right"
        case .connectTimeout(let host, let seconds):
            "\(host): no connection within \(Self.text(seconds)) s; check that the machine runs and its address is "
                + "right, or allow more with --contimeout"
        case .timeout(let what, let seconds):
            "\(what): nothing came for \(Self.text(seconds)) s; it will be taken up where it stopped"
        case .stream(let what, let reason):
            "\(what): the connection broke: \(reason); it will be taken up where it stopped"
        case .protocolViolation(let what, let reason):
            "\(what): the other side answered something unexpected: \(reason)"
        case .file(let error): error.description
        case .remoteFile(let path, let operation, let reason): "\(path): cannot \(operation): \(reason)"
        case .vanished(let path): "\(path): it is gone; what was collected of it is kept"
        case .exists(let path): "\(path): something is there already"
        case .refused(let path, let reason): "\(path): left alone: \(reason)"
        case .changed(let path): "\(path): it changed while it was read; it is tried again"
        case .verification(let path, let reason): "\(path): not accepted: \(reason)"
        case .deletionStopped(let reason): reason
        case .partial(let summary): summary
        }
    }

    private static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e9 ? String(Int(seconds)) : String(seconds)
    }
}
