import CCurl
public import Files

extension SFTPTransport {
    /// Looks at files, one after the other.
    ///
    /// - Parameter paths: below the root.
    /// - Returns: one answer for each path; nil where nothing is there.
    /// - Throws: ``CollectorError`` where the other side does not answer.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        let start = ContinuousClock.now
        var answers: [FileStatus?] = []
        for path in paths {
            try Task.checkCancellation()
            answers.append(try await exactStatus(of: path, since: start))
        }
        return answers
    }

    private func exactStatus(
        of path: RelativePath,
        since start: ContinuousClock.Instant
    ) async throws -> FileStatus? {
        // What looks as it did the last time is what it was: one question instead of three. What is read is looked at
        // once more, so a link put in its place leads nowhere.
        let former = folders.look(at: path)
        var outcome: CurlOutcome?
        if let former {
            let again = try await askStatus(of: path)
            if again.code == CURLE_OK, former.size == again.head.expectedLength ?? 0,
                former.modifiedNanoseconds == WholeSeconds.nanoseconds(again.modifiedSeconds)
            {
                return former
            }
            outcome = again
        }
        guard var status = try await status(in: path, notOlderThan: start) else { return nil }
        switch status.kind {
        case .symbolicLink, .other: return status
        case .directory:
            status.modifiedNanoseconds = WholeSeconds.nanoseconds(try await modifiedSeconds(ofFolder: path))
            return status
        case .file: break
        }
        let answer: CurlOutcome
        if let outcome { answer = outcome } else { answer = try await askStatus(of: path) }
        switch connections.error(for: answer, what: name(path)) {
        case nil: break
        case .vanished: return nil
        case .remoteFile: return status  // it cannot be opened: what the listing says must do
        case let error?: throw error
        }
        status.size = answer.head.expectedLength ?? 0  // libcurl knows no length of an empty file
        status.modifiedNanoseconds = WholeSeconds.nanoseconds(answer.modifiedSeconds)
        folders.note(status, of: path)
        return status
    }

    private func askStatus(of path: RelativePath) async throws -> CurlOutcome {
        let request = CurlRequest(
            url: url(ofFile: path),
            what: name(path),
            isStatusOnly: true,
            wantsTime: true
        )
        return try await perform(request)
    }

    /// What the listings say about a path; nil where nothing is there.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - instant: when the listings must have been seen to be true.
    /// - Returns: its kind, permissions and a size that may be out of date.
    /// - Throws: ``CollectorError/refused(_:reason:)`` for a path that leads over a link.
    func status(
        in path: RelativePath,
        notOlderThan instant: ContinuousClock.Instant
    ) async throws -> FileStatus? {
        var folder: RelativePath?
        for component in path.components.dropLast() {
            let status = try await entries(of: folder, notOlderThan: instant)?[String(component)]
            let inner =
                try folder.map { try $0.appending(String(component)) }
                ?? RelativePath(validating: String(component))
            switch status?.kind {
            case .directory: folder = inner
            case .symbolicLink:
                throw CollectorError.refused(name(path), reason: "\(component) on the way is a symbolic link")
            case nil, .file, .other: return nil
            }
        }
        return try await entries(of: folder, notOlderThan: instant)?[String(path.lastComponent)]
    }

    /// The entries of a folder that has been reached without a link; nil where it is gone.
    private func entries(
        of folder: RelativePath?,
        notOlderThan instant: ContinuousClock.Instant
    ) async throws -> [String: FileStatus]? {
        let started = ContinuousClock.now
        if let known = folders.entries(of: folder, notOlderThan: instant) { return known }
        let modified = try await modifiedSeconds(ofFolder: folder)
        if let modified, let known = folders.confirm(folder, modifiedSeconds: modified, at: started) {
            return known
        }
        do {
            let page = try await listPage(folder)
            folders.store(page.entries, of: folder, modifiedSeconds: modified, at: started)
            return page.entries
        } catch CollectorError.vanished {
            guard folder != nil else { throw CollectorError.vanished(displayName) }
            return nil
        }
    }

    /// When a folder last changed, for one round trip; nil where it is gone or the server does not say.
    private func modifiedSeconds(ofFolder folder: RelativePath?) async throws -> Int? {
        let request = CurlRequest(
            url: url(ofFolder: folder),
            what: name(folder),
            isStatusOnly: true,
            wantsTime: true
        )
        let outcome = try await perform(request)
        switch connections.error(for: outcome, what: name(folder)) {
        case nil: return outcome.modifiedSeconds
        case .vanished, .remoteFile: return nil
        case let error?: throw error
        }
    }
}
