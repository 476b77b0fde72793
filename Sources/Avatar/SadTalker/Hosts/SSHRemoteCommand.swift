/// What a host is told to do: scripts for its `sh`, which come over the standard input.
///
/// So no word of them is read by the account's own shell, which may be any, and none is seen in a list of processes.
enum SSHRemoteCommand {
    /// For the account's shell.
    static let shell = "exec sh"
    /// For the account's shell: the first line of the input is the path of the file that the rest of it becomes.
    static let receive = "exec sh -c 'IFS= read -r f && umask 077 && exec cat >\"$f\"'"

    /// How a script ends that finds no folder to run in, and no program to run.
    static let noFolder: Int32 = 96
    static let noProgram: Int32 = 97

    /// Makes a folder and says its path.
    static var makeFolder: String {
        "umask 077; mktemp -d \"${TMPDIR:-/tmp}/\(WorkFolder.prefix)XXXXXX\""
    }

    /// Removes a folder.
    static func remove(_ folder: String) -> String { "rm -rf -- \(ShellText.quoted(folder))" }

    /// Says the time, length and path of every video in a folder and in those directly in it.
    static func list(_ folder: String) -> String {
        """
        cd \(ShellText.quoted(folder)) || exit \(noFolder)
        for f in *.mp4 */*.mp4; do
          if [ -f "$f" ] && [ ! -L "$f" ]; then stat -c '%.9Y %s %n' -- "$f" || exit; fi
        done
        """
    }

    /// Gives a file.
    static func send(_ path: String) -> String { "exec cat -- \(ShellText.quoted(path))" }

    /// Runs a program in a session of its own that ends when our input ends, which it does when we or the connection
    /// are gone, and at the latest some time after we should have ended it.
    static func run(_ command: SadTalkerCommand, timeoutSeconds: Double) -> String {
        let variables = SadTalkerCommand.environment.sorted { $0.key < $1.key }
        let assignments = variables.map { "\($0.key)=\(ShellText.quoted($0.value))" }.joined(separator: " ")
        let latest = Int(min(timeoutSeconds, 1e6).rounded(.up)) + 60
        let python = ShellText.quoted(command.python)
        return """
            cd \(ShellText.quoted(command.folder)) || exit \(noFolder)
            command -v \(python) >/dev/null || exit \(noProgram)
            exec 3<&0
            \(assignments) setsid timeout -s KILL \(latest) \(python) \
            \(ShellText.quoted(command.arguments)) </dev/null 3<&- &
            job=$!
            ( read -r _ <&3; kill -s KILL -- "-$job" ) >/dev/null 2>&1 &
            watch=$!
            wait "$job"
            status=$?
            kill "$watch" 2>/dev/null
            kill -s KILL -- "-$job" 2>/dev/null
            exit "$status"
            """
    }

    /// A script as the input of ``shell``: one command, so that it is read whole before anything of it runs.
    ///
    /// - Parameters:
    ///   - script: the commands.
    ///   - mark: a line that goes before its output, since a login may talk first.
    /// - Returns: bytes for the standard input.
    static func input(_ script: String, mark: String) -> [UInt8] {
        Array("{\nprintf '\\n%s\\n' \(ShellText.quoted(mark))\n\(script)\nexit\n}\n".utf8)
    }
}
