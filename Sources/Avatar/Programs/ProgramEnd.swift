/// How a program ended, here or on another machine.
public struct ProgramEnd: Sendable, Hashable {
    /// What ended it.
    public enum Status: Sendable, Hashable {
        /// It ended itself; 0 is success.
        case exited(Int32)
        /// A signal ended it.
        case signaled(Int32)
        /// Its time was up.
        case timedOut
    }

    /// What ended it.
    public var status: Status
    /// The end of its standard output.
    public var output: String
    /// The end of its standard error.
    public var errors: String

    /// - Parameters:
    ///   - status: what ended it.
    ///   - output: the end of its standard output.
    ///   - errors: the end of its standard error.
    public init(status: Status, output: String = "", errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// The same with the signal that ended a shell's command: the shell ends with 128 and its number.
    var asShellTold: ProgramEnd {
        guard case .exited(let code) = status, (129..<129 + 64).contains(code) else { return self }
        return ProgramEnd(status: .signaled(code - 128), output: output, errors: errors)
    }
}
