import Foundation

/// The tools of small systems, where this machine has them.
public enum Busybox {
    /// The program: `VOXSITE_BUSYBOX`, or that of the system.
    public static let executable: String? = {
        let given = ProcessInfo.processInfo.environment["VOXSITE_BUSYBOX"]
        return ([given].compactMap { $0 } + ["/bin/busybox", "/usr/bin/busybox"]).first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    /// What a test that skips says.
    public static let absence = "no busybox here: apt install busybox, or set VOXSITE_BUSYBOX"

    /// Makes a folder with the tools that commands over ssh use, and no others: the `PATH` of a small system.
    ///
    /// - Returns: the folder; it must outlive its use.
    /// - Throws: what the system says.
    public static func makeFolder() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        guard let executable else { return folder }
        let names = [
            "sh", "ash", "cat", "cd", "chmod", "dd", "find", "head", "ln", "ls", "mkdir", "mv", "printf",
            "rm",
            "rmdir", "sha256sum", "sleep", "stat", "sync", "tail", "touch", "truncate",
        ]
        for name in names {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path(of: name),
                withDestinationPath: executable
            )
        }
        return folder
    }
}
