public import Foundation

/// A folder of its own for one test, removed with all it contains when the last reference goes.
public final class TemporaryDirectory: Sendable {
    /// Absolute, without a slash at its end and without symbolic links.
    public let path: String

    /// Makes an empty folder.
    ///
    /// - Parameter parent: where it goes; the system's temporary folder unless given.
    /// - Throws: what the system says.
    public init(in parent: String? = nil) throws {
        let base = parent ?? FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        let name = "voxsite-test-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        path = "\(base)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The folder as a URL.
    public var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

    /// The absolute path of something in the folder.
    ///
    /// - Parameter name: a name, or several joined by slashes.
    /// - Returns: a path below ``path``.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the folders it needs.
    ///
    /// - Parameters:
    ///   - text: its contents.
    ///   - name: where, below the folder.
    /// - Throws: what the system says.
    public func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a file, with the folders it needs.
    ///
    /// - Parameters:
    ///   - bytes: its contents.
    ///   - name: where, below the folder.
    /// - Throws: what the system says.
    public func write(_ bytes: [UInt8], to name: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
    }

    /// Adds to the end of a file in one write, as a logger does.
    ///
    /// - Parameters:
    ///   - text: what to add.
    ///   - name: an existing file below the folder, or one to be created.
    /// - Throws: what the system says.
    public func append(_ text: String, to name: String) throws {
        if !exists(name) { try write("", to: name) }
        let handle = try FileHandle(forWritingTo: url.appending(path: name))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// A file's bytes.
    ///
    /// - Parameter name: where, below the folder.
    /// - Returns: all of them.
    /// - Throws: what the system says.
    public func read(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: url.appending(path: name)))
    }

    /// A file's text.
    ///
    /// - Parameter name: where, below the folder.
    /// - Returns: all of it, as UTF-8.
    /// - Throws: what the system says.
    public func readText(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Whether something is there.
    ///
    /// - Parameter name: where, below the folder.
    /// - Returns: true for a file, a folder and a link that leads to one.
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

    /// Makes a folder, with those it lies in.
    ///
    /// - Parameter name: where, below the folder.
    /// - Throws: what the system says.
    public func createDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(of: name), withIntermediateDirectories: true)
    }

    /// Removes a file or a folder with its contents.
    ///
    /// - Parameter name: where, below the folder.
    /// - Throws: what the system says.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(of: name)) }
}
