public import Foundation

/// Where the package is and what it has been built into.
public enum Products {
    /// The checkout, found from this source file.
    public static let packageDirectory = URL(filePath: #filePath)
        .deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder that the running test bundle was built into; executables of the package lie beside it.
    public static let directory: URL = {
        if let given = ProcessInfo.processInfo.environment["VOXSITE_PRODUCTS"] {
            return URL(filePath: given, directoryHint: .isDirectory)
        }
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = CommandLine.arguments + [program].compactMap { $0 }
        for candidate in candidates where candidate.contains(".xctest") {
            return URL(filePath: candidate).deletingLastPathComponent()
        }
        return URL(filePath: program ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }()

    /// The executable of that name.
    ///
    /// - Parameter name: a product of the package: `voxsite`.
    /// - Returns: its path; nil where it has not been built.
    public static func executable(_ name: String) -> String? {
        let path = directory.appending(path: name).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }
}
