import Foundation

/// What a program that is started gets of our environment: what it needs, by name, and nothing that is secret.
enum ChildEnvironment {
    private static let names: Set<String> = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]

    /// The variables for a program whose messages are read.
    ///
    /// - Parameter further: what this program needs beside what all need.
    /// - Returns: those that are set, and a locale in which messages are English.
    static func variables(and further: Set<String> = []) -> [String: String] {
        ProcessInfo.processInfo.environment.filter { names.union(further).contains($0.key) }
            .merging(["LC_ALL": "C.UTF-8"]) { $1 }
    }
}
