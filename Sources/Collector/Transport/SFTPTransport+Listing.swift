import CCurl
public import Files
import Synchronization

extension SFTPTransport {
    /// How many entries one listing may have, and how long one entry may be.
    private static let (entryLimit, entryLengthLimit) = (1_000_000, 16 << 10)

    /// Lists a folder; the entries have sizes, kinds and permissions but no times.
    ///
    /// - Parameters:
    ///   - folder: below the root; nil for the root itself.
    ///   - recursively: whether to list what is in the folders below, too.
    /// - Returns: its entries without itself.
    /// - Throws: ``CollectorError`` where the folder itself cannot be listed.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        if let folder {
            switch try await status(in: folder, notOlderThan: .now)?.kind {
            case .directory: break
            case nil: throw CollectorError.vanished(name(folder))
            case .symbolicLink: throw CollectorError.refused(name(folder), reason: "it is a symbolic link")
            case .file, .other: throw CollectorError.refused(name(folder), reason: "it is no folder")
            }
        }
        var listing = Listing()
        try await append(try await listPage(folder), of: folder, recursively, to: &listing)
        listing.files.sort { $0.path < $1.path }
        return listing
    }

    private func append(
        _ page: SFTPPage,
        of folder: RelativePath?,
        _ recursively: Bool,
        to listing: inout Listing
    ) async throws {
        listing.problems += page.problems
        for (entry, status) in page.entries.sorted(by: { $0.key < $1.key }) {
            let path: RelativePath
            do {
                path = try folder.map { try $0.appending(entry) } ?? RelativePath(validating: entry)
            } catch let error as FilesError {
                listing.problems.append(
                    .refused(name(folder), reason: "an entry in it: \(error.explanation)")
                )
                continue
            }
            guard listing.files.count < Self.entryLimit else {
                throw CollectorError.refused(
                    displayName,
                    reason: "it has more than \(Self.entryLimit) entries"
                )
            }
            listing.files.append(ListedFile(path: path, status: status))
            guard recursively, status.kind == .directory else { continue }
            try Task.checkCancellation()
            do {
                try await append(try await listPage(path), of: path, recursively, to: &listing)
            } catch CollectorError.vanished {
                continue
            } catch let error as CollectorError where error.isAboutOneFolder {
                listing.problems.append(error)
            }
        }
    }

    /// Lists one folder and remembers what kinds its entries are of.
    func listPage(_ folder: RelativePath?) async throws -> SFTPPage {
        let what = name(folder)
        let entries = CollectedEntries(limit: Self.entryLimit, lengthLimit: Self.entryLengthLimit, what: what)
        let request = CurlRequest(url: url(ofFolder: folder), what: what)
        let outcome = try await perform(request, sink: { try entries.append($0) })
        switch connections.error(for: outcome, what: what) {
        case nil: return SFTPPage(entries.entries, folder: what)
        case .remoteFile:
            throw CollectorError.remoteFile(what, operation: "list", reason: "permission denied")
        case let error?: throw error
        }
    }
}

extension CollectorError {
    /// Whether an error is about one folder alone, so that the others can still be listed.
    fileprivate var isAboutOneFolder: Bool {
        switch self {
        case .remoteFile, .refused: true
        default: false
        }
    }
}

/// One folder's entries by name, without `.` and `..`.
struct SFTPPage {
    var entries: [String: FileStatus] = [:]
    var problems: [CollectorError] = []

    /// Reads a listing.
    ///
    /// libcurl hands over one entry at a time, so one with a line break in it has such a name: it is left alone,
    /// as is a name that comes twice, since a crafted name can look like another entry.
    ///
    /// - Parameters:
    ///   - listed: the entries.
    ///   - folder: in messages.
    init(_ listed: [[UInt8]], folder: String) {
        var doubled: Set<String> = []
        for bytes in listed {
            guard let entry = LongName(bytes) else {
                refuse(bytes, in: folder, "the server's description of it is not clear")
                continue
            }
            if entry.name == "." || entry.name == ".." { continue }
            do {
                _ = try RelativePath(validating: entry.name).components
                guard !entry.name.utf8.contains(UInt8(ascii: "/")) else {
                    throw FilesError.unsafePath(entry.name, reason: "a name must not contain a slash")
                }
            } catch {
                refuse(Array(entry.name.utf8), in: folder, (error as? FilesError)?.explanation ?? "")
                continue
            }
            if entries.updateValue(entry.status, forKey: entry.name) != nil { doubled.insert(entry.name) }
        }
        for name in doubled.sorted() {
            entries[name] = nil
            refuse(Array(name.utf8), in: folder, "its name is listed twice")
        }
    }

    private mutating func refuse(_ bytes: [UInt8], in folder: String, _ reason: String) {
        let shown = CurlFailure.printable(String(decoding: bytes.prefix(400), as: UTF8.self))
        problems.append(.refused("\(folder)/\(shown)", reason: reason))
    }
}

/// Gathers what libcurl hands over, one entry of a folder at a time.
private final class CollectedEntries: Sendable {
    private let limit: Int
    private let lengthLimit: Int
    private let what: String
    private let storage = Mutex<[[UInt8]]>([])

    init(limit: Int, lengthLimit: Int, what: String) {
        self.limit = limit
        self.lengthLimit = lengthLimit
        self.what = what
    }

    var entries: [[UInt8]] { storage.withLock { $0 } }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try storage.withLock { entries in
            guard entries.count < limit, bytes.count <= lengthLimit else {
                throw CollectorError.refused(what, reason: "its listing is too long")
            }
            entries.append(Array(bytes))
        }
    }
}
