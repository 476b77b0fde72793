/// How a sync reaches the places it is told, and what carries files that grow.
public struct SyncConnections: Sendable {
    /// Opens the tree below a location to read from it; a slash at its end does not matter here.
    public var open: @Sendable (Location) async throws -> any Transport
    /// Opens the tree below a location to write to it.
    public var openWritable: @Sendable (Location) async throws -> any WritableTransport
    /// Makes what carries append files between two trees, under equal paths.
    public var makeAppendCarrier:
        @Sendable (_ source: any Transport, _ destination: any WritableTransport) async throws ->
            any AppendCarrier

    /// - Parameters:
    ///   - open: opens the tree below a location to read from it.
    ///   - openWritable: opens it to write to it.
    ///   - makeAppendCarrier: makes what carries append files from a source to a destination.
    public init(
        open: @escaping @Sendable (Location) async throws -> any Transport,
        openWritable: @escaping @Sendable (Location) async throws -> any WritableTransport,
        makeAppendCarrier:
            @escaping @Sendable (_ source: any Transport, _ destination: any WritableTransport) async throws
            -> any AppendCarrier
    ) {
        self.open = open
        self.openWritable = openWritable
        self.makeAppendCarrier = makeAppendCarrier
    }
}

extension Location {
    /// The folder a place lies in and its name there; nil where it has no name: `/`, `.`, `..`.
    func folderAndName() -> (folder: Location, name: String)? {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        guard !["", ".", ".."].contains(name) else { return nil }
        var folder = self
        folder.hasTrailingSlash = true
        folder.path = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return (folder, name)
    }
}
