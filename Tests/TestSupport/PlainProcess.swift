import CLinux
import Glibc

/// A program with its output in a file: for servers, which outlive the pipes and threads of a test.
///
/// sshd closes every descriptor that it inherits, also the one by which Foundation's `Process` sees that a
/// process has ended; this one is waited for by its number alone.
struct PlainProcess: Sendable {
    let identifier: Int32

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: its path.
    ///   - arguments: without its name.
    ///   - log: where its outputs go; the file is created.
    /// - Throws: ``PlainProcessError``.
    init(_ executable: String, _ arguments: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that run tests block nearly all signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([executable] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var identifier: Int32 = 0
        let code = posix_spawn(&identifier, executable, &actions, &attributes, words, environ)
        guard code == 0 else { throw PlainProcessError.cannotStart(executable, code: code) }
        self.identifier = identifier
    }

    /// Ends it and takes its end.
    func end() {
        kill(identifier, SIGKILL)
        _ = waitForExit()
    }

    /// Waits for the end of a program that ends soon.
    ///
    /// - Returns: whether it succeeded.
    func waitForExit() -> Bool {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 {
            if errno != EINTR { return false }
        }
        return status == 0
    }
}

/// What went wrong with a program.
enum PlainProcessError: Error {
    case cannotStart(String, code: Int32)
    case failed(String, log: String)
}
