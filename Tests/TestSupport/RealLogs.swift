import Foundation

/// Logs of real training runs, where the machine that tests has some.
public enum RealLogs {
    /// The folder of them: `VOXSITE_REAL_LOGS`, or `shared/real-logs` beside the checkout.
    ///
    /// Nil where neither exists; tests then skip and say so.
    public static let directory: String? = {
        if let given = ProcessInfo.processInfo.environment["VOXSITE_REAL_LOGS"] {
            return isDirectory(given) ? given : nil
        }
        let parent = Products.packageDirectory.deletingLastPathComponent()
        let beside = parent.appending(path: "shared/real-logs")
        return isDirectory(beside.path) ? beside.path : nil
    }()

    /// What a test that skips says.
    public static let absence = "no real logs here: set VOXSITE_REAL_LOGS to a folder of them"

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        return exists && isDirectory.boolValue
    }
}
