import Files
import TestSupport

extension TemporaryDirectory {
    /// A folder in memory where there is such a place: these tests flush a thousand times a second.
    static func fast() throws -> TemporaryDirectory {
        let memory = "/dev/shm"
        return try TemporaryDirectory(in: FileIdentity.find(memory)?.kind == .directory ? memory : nil)
    }
}
