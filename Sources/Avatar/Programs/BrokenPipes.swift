import Glibc

/// Pipes to programs that go away while we write to them.
enum BrokenPipes {
    /// Makes each of them an error where it is written to, not our own end; to be read before a program is started.
    static let areErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
