import ArgumentParser
import Glibc

/// What the shell is told: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
enum ExitStatus {
    static let interrupted: Int32 = 130

    /// Prints what is to be said about `error` and ends the process.
    static func exit(with error: any Error) -> Never {
        if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
        if error is CancellationError { Glibc.exit(interrupted) }
        let parserCode = Voxsite.exitCode(for: error)
        if parserCode.isSuccess {
            // --help and --version are asked for: data, not talk.
            print(Voxsite.fullMessage(for: error))
            Glibc.exit(0)
        }
        let isUsage = parserCode == ExitCode.validationFailure
        Console.error(isUsage ? Voxsite.fullMessage(for: error) : "voxsite: \(error)")
        Glibc.exit(isUsage ? 2 : 1)
    }
}
