import CCurl
public import Files

extension SFTPTransport {
    /// Reads part of a file.
    ///
    /// libcurl is given the exact range, so that a read that ends before the file does leaves the connection
    /// usable: stopping it from here would cost a new login. It has one trap: of a file that is empty when it
    /// looks (`stat`), it ignores the range and sends what comes from the start. It then knows no length, which is
    /// checked before the first byte is used.
    ///
    /// - Parameters:
    ///   - path: below the root; only regular files are read.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    ///   - sink: gets the bytes in order.
    /// - Returns: how many bytes came.
    /// - Throws: ``CollectorError``; ``CollectorError/vanished(_:)`` where nothing is there.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        guard offset >= 0, count > 0, offset < Int.max - count else { return 0 }
        let listed = try await requireFile(path)
        // libcurl takes an empty file for a connection that has died, and logs in anew.
        if listed.size == 0, offset == 0, try await status(of: path)?.size ?? 0 == 0 { return 0 }
        let request = CurlRequest(
            url: url(ofFile: path),
            what: name(path),
            range: offset..<offset + count,
            limit: count
        )
        let outcome = try await withoutActuallyEscaping(sink) { sink in
            try await perform(request, isLong: count > CurlConnections.longReadBytes) { head in
                head.expectedLength == nil && offset > 0 ? .stop : .take
            } sink: {
                try sink($0)
            }
        }
        switch outcome.code {
        case CURLE_BAD_DOWNLOAD_RESUME:  // the offset is behind the end
            return 0
        case CURLE_PARTIAL_FILE:  // cut off while it was read: what came was there
            return outcome.received
        default:
            if let error = connections.error(for: outcome, what: name(path)) { throw error }
            return outcome.received
        }
    }

    /// Makes sure that a path leads to a regular file without a link on the way.
    ///
    /// - Returns: what its folder's listing says about it.
    private func requireFile(_ path: RelativePath) async throws -> FileStatus {
        guard let listed = try await status(in: path, notOlderThan: .now - SFTPFolders.trustedForReads) else {
            throw CollectorError.vanished(name(path))
        }
        switch listed.kind {
        case .file: return listed
        case .symbolicLink: throw CollectorError.refused(name(path), reason: "it is a symbolic link")
        case .directory: throw CollectorError.refused(name(path), reason: "it is a folder")
        case .other: throw CollectorError.refused(name(path), reason: "it is a device, pipe or socket")
        }
    }
}
