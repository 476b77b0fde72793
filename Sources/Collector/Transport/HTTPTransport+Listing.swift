public import Files
import RunRecords
import Synchronization

extension HTTPTransport {
    private static let (entryLimit, lengthLimit, depthLimit) = (1_000_000, 64 << 20, 128)

    /// Lists a folder that the server describes in JSON.
    ///
    ///     [{"name":"metrics.jsonl", "type":"file", "mtime":"Tue, 25 Nov 2025 02:01:00 GMT", "size":5120}]
    ///
    /// Source: nginx, ngx_http_autoindex_module, `autoindex_format json`.
    ///
    /// - Parameters:
    ///   - folder: below the root; nil for the root itself.
    ///   - recursively: whether to list what is in the folders below, too.
    /// - Returns: its entries without itself.
    /// - Throws: ``CollectorError``; ``CollectorError/selection(_:reason:)`` where the server has no such list.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        var listing = Listing()
        try await append(try await page(folder), of: folder, recursively, depth: 0, to: &listing)
        listing.files.sort { $0.path < $1.path }
        return listing
    }

    private func append(
        _ page: HTTPFolderPage,
        of folder: RelativePath?,
        _ recursively: Bool,
        depth: Int,
        to listing: inout Listing
    ) async throws {
        listing.problems += page.problems
        for (name, status) in page.entries.sorted(by: { $0.key < $1.key }) {
            let path: RelativePath
            do {
                path = try folder.map { try $0.appending(name) } ?? RelativePath(validating: name)
            } catch let error as FilesError {
                listing.problems.append(.refused(url(folder), reason: "an entry in it: \(error.explanation)"))
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
            guard depth < Self.depthLimit else {
                listing.problems.append(
                    .refused(url(path), reason: "it lies more than \(Self.depthLimit) folders deep")
                )
                continue
            }
            try Task.checkCancellation()
            do {
                try await append(
                    try await self.page(path),
                    of: path,
                    recursively,
                    depth: depth + 1,
                    to: &listing
                )
            } catch CollectorError.vanished {
                continue
            } catch let error as CollectorError where error.retryClass == .permanent {
                listing.problems.append(error)
            }
        }
    }

    private func page(_ folder: RelativePath?) async throws -> HTTPFolderPage {
        let what = url(folder) + "/"
        let body = CollectedBytes(limit: Self.lengthLimit)
        let request = CurlRequest(url: what, what: what)
        let outcome = try await perform(request) { head in
            head.status == 200 && HTTPFolderPage.isJSON(head) ? .take : .discard
        } sink: {
            try body.append($0)
        }
        guard outcome.head.status == 200, HTTPFolderPage.isJSON(outcome.head),
            let page = HTTPFolderPage(body.bytes, folder: what)
        else {
            hasNoLists.store(true, ordering: .relaxed)
            throw CollectorError.selection(
                what,
                reason:
                    "the server has no list of this folder in JSON; name the files with --files-from, or let nginx "
                    + "list it: autoindex on; autoindex_format json;"
            )
        }
        return page
    }
}

/// One folder as nginx describes it.
struct HTTPFolderPage {
    var entries: [String: FileStatus] = [:]
    var problems: [CollectorError] = []

    /// Whether a response claims to be JSON.
    static func isJSON(_ head: CurlResponseHead) -> Bool {
        head.field("content-type")?.lowercased().hasPrefix("application/json") ?? false
    }

    /// Reads a list; nil comes back for what is none, and single entries that are none become ``problems``.
    ///
    /// - Parameters:
    ///   - body: what the server sent.
    ///   - folder: in messages, ending with a slash.
    init?(_ body: [UInt8], folder: String) {
        // nginx writes names as they are; one that is no UTF-8 would hide all others.
        let text = Array(String(decoding: body, as: UTF8.self).utf8)
        let isRepaired = text != body
        guard let elements = (try? JSONParser.parse(text))?.array else { return nil }
        for element in elements {
            guard let name = element["name"]?.string, let type = element["type"]?.string else { return nil }
            do {
                guard !name.utf8.contains(UInt8(ascii: "/")) else {
                    throw FilesError.unsafePath(name, reason: "a name must not contain a slash")
                }
                guard !isRepaired || !name.unicodeScalars.contains("\u{FFFD}") else {
                    throw FilesError.unsafePath(name, reason: "its name is not UTF-8")
                }
                _ = try RelativePath(validating: name)
            } catch {
                refuse(name, in: folder, (error as? FilesError)?.explanation ?? "not a usable name")
                continue
            }
            guard entries[name] == nil else {
                refuse(name, in: folder, "its name is listed twice")
                continue
            }
            let time = element["mtime"]?.string.flatMap { WholeSeconds.nanoseconds($0) }
            switch type {
            case "directory": entries[name] = FileStatus(kind: .directory, size: 0, modifiedNanoseconds: time)
            case "file":
                guard let size = element["size"]?.finite.flatMap({ Int(exactly: $0) }), size >= 0 else {
                    refuse(name, in: folder, "its size is no number of bytes")
                    continue
                }
                entries[name] = FileStatus(size: size, modifiedNanoseconds: time)
            default: entries[name] = FileStatus(kind: .other, size: 0, modifiedNanoseconds: time)
            }
        }
    }

    private mutating func refuse(_ name: String, in folder: String, _ reason: String) {
        problems.append(.refused(folder + CurlFailure.printable(name), reason: reason))
    }
}
