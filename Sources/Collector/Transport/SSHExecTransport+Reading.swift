public import Files

extension SSHExecTransport {
    /// Lists a folder with one command.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        let words = [
            "ls_", folder?.string ?? ".", tools.statusMethod, recursively ? "" : "-maxdepth 1",
        ]
        let answer = try await shell.ask(words, limit: Self.listingLimit)
        // find gives 1 where a part could not be read; the rest is still good.
        if answer.status >= SSHRemoteScript.Status.noRoot || answer.output.isEmpty {
            try check(answer.status, answer.errors, path: shown(folder), operation: "list")
        }
        var listing = Listing()
        for line in answer.errors.split(whereSeparator: \.isNewline) {
            // What went away while it was listed is no problem.
            if line.hasSuffix("No such file or directory") { continue }
            listing.problems.append(
                .remoteFile(shown(folder), operation: "list", reason: RemoteText.readable(line))
            )
        }
        let (records, broken) = SSHListingParser.records(answer.output)
        if broken > 0 {
            let reason = "\(broken) entries of its list cannot be understood"
            listing.problems.append(.protocolViolation(shown(folder), reason: reason))
        }
        var seen: Set<RelativePath> = []
        for record in records {
            do throws(CollectorError) {
                let path = try SSHListingParser.path(record.name, in: folder)
                let isChild = recursively || path.parent == folder
                guard isChild, seen.insert(path).inserted else {
                    throw .refused(shown(path), reason: "the host lists it where it cannot be")
                }
                listing.files.append(ListedFile(path: path, status: record.status))
            } catch { listing.problems.append(error) }
        }
        listing.files.sort { $0.path < $1.path }
        return listing
    }

    /// Looks at many files with one command, and at the folders they lie in: what lies behind a link is not
    /// there.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        var results: [FileStatus?] = []
        var start = 0
        while start < paths.count {
            // Command lines are bounded.
            var end = start
            var length = 0
            while end < paths.count, end - start < 512, length < 65_536 {
                length += paths[end].string.utf8.count * 2
                end += 1
            }
            results += try await statusBatch(Array(paths[start..<end]))
            start = end
        }
        return results
    }

    private func statusBatch(_ paths: [RelativePath]) async throws -> [FileStatus?] {
        var asked: Set<RelativePath> = []
        var words: [String] = []
        for path in paths {
            var next: RelativePath? = path
            while let current = next, asked.insert(current).inserted {
                words.append("./" + current.string)
                next = current.parent
            }
        }
        let answer = try await shell.ask(["st", tools.statusMethod] + words, limit: 1 << 22)
        if answer.status >= SSHRemoteScript.Status.noRoot {
            try check(answer.status, answer.errors, path: displayName, operation: "look at it")
        }
        var found: [RelativePath: FileStatus] = [:]
        for record in SSHListingParser.records(answer.output).records {
            guard let path = try? SSHListingParser.path(record.name, in: nil), asked.contains(path) else {
                continue
            }
            found[path] = record.status
        }
        // Something that cannot be looked at is not gone: a file on a broken disk must not count as vanished.
        let troubles = answer.errors.split(whereSeparator: \.isNewline).filter {
            !$0.hasSuffix("No such file or directory") && !$0.hasSuffix("Not a directory")
        }
        return paths.map { path in
            var folder = path.parent
            while let current = folder {
                if let status = found[current], status.kind != .directory { return nil }
                folder = current.parent
            }
            if let status = found[path] { return status }
            let isTroubled = troubles.contains { $0.contains("./\(path.string)") }
            return isTroubled ? FileStatus(kind: .other, size: 0) : nil
        }
    }

    /// Reads part of a file: through the session where it is small, else by a process of its own.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        guard offset >= 0, count >= 0 else { throw CollectorError.usage("a read at a negative place") }
        let words = ["rd"] + Self.parts(path) + ["\(offset)", "\(count)", tools.readFlags]
        if count > Self.smallRead { return try await stream(words, of: path, atMost: count, into: sink) }
        let answer = try await shell.ask(words, limit: count)
        try check(answer.status, answer.errors, path: shown(path), operation: "read")
        if !tools.contains(.dd), let line = troubleOfPipe(answer.errors) {
            throw CollectorError.remoteFile(shown(path), operation: "read", reason: line)
        }
        if !answer.output.isEmpty { try answer.output.withUnsafeBytes { try sink($0) } }
        try await pacer?.pace(answer.output.count)
        return answer.output.count
    }

    /// Whether a text of so many bytes comes compressed.
    func compressesText(count: Int) -> Bool {
        tools.contains(.gzip) && !compresses && (Self.smallText...Self.smallRead).contains(count)
    }

    /// Reads part of a text, compressed on the way where the far side has gzip.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    /// - Returns: the bytes; fewer than `count` where the file ends.
    /// - Throws: ``CollectorError``.
    public func text(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8] {
        guard compressesText(count: count), offset >= 0 else {
            return try await bytes(of: path, from: offset, count: count)
        }
        let words = ["rz"] + Self.parts(path) + ["\(offset)", "\(count)", tools.readFlags]
        let answer = try await shell.ask(words, limit: GzipText.lengthLimit(of: count))
        try check(answer.status, answer.errors, path: shown(path), operation: "read")
        if let line = troubleOfPipe(answer.errors) {
            throw CollectorError.remoteFile(shown(path), operation: "read", reason: line)
        }
        try await pacer?.pace(answer.output.count)
        return try GzipText.decompressed(answer.output, limit: count, what: shown(path))
    }

    private func stream(
        _ words: [String],
        of path: RelativePath,
        atMost limit: Int,
        into sink: ByteSink
    ) async throws -> Int {
        let (total, errors) = try await pumpAlone(words, on: path, limit: limit, into: sink)
        if !tools.contains(.dd), let line = troubleOfPipe(errors) {
            throw CollectorError.remoteFile(shown(path), operation: "read", reason: line)
        }
        return total
    }

    /// Hashes a file, or its beginning, where it is.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        guard tools.contains(.sha256sum) else {
            throw CollectorError.usage("\(displayName): it has no sha256sum")
        }
        let words = Self.parts(path) + [prefix.map { String(max(0, $0)) } ?? "-"]
        var output: [UInt8] = []
        var errors: String
        if let prefix, prefix <= Self.smallHash {
            let answer = try await shell.ask(["sh_"] + words, limit: 4096)
            try check(answer.status, answer.errors, path: shown(path), operation: "hash")
            (output, errors) = (answer.output, answer.errors)
        } else {
            errors = try await runAlone(["shl"] + words, on: path, "hash") { bytes in
                // Dots, which prove that it still runs, are not kept.
                output.append(contentsOf: bytes.lazy.filter { $0 != UInt8(ascii: ".") })
                guard output.count <= 4096 else {
                    throw CollectorError.protocolViolation(self.shown(path), reason: "no SHA-256 came")
                }
            }
        }
        if let line = troubleOfPipe(errors) {
            throw CollectorError.remoteFile(shown(path), operation: "hash", reason: line)
        }
        guard let value = SHA256Value(hex: String(decoding: output.prefix(64), as: UTF8.self)) else {
            throw CollectorError.protocolViolation(shown(path), reason: "no SHA-256 came")
        }
        return value
    }

    /// Computes the checksum of a file where it is.
    public func checksum(of path: RelativePath) async throws -> FileChecksum {
        let answer = try await shell.ask(["ck"] + Self.parts(path), limit: 4096)
        try check(answer.status, answer.errors, path: shown(path), operation: "sum it up")
        guard let checksum = FileChecksum(output: answer.output) else {
            throw CollectorError.protocolViolation(shown(path), reason: "no checksum came")
        }
        return checksum
    }

    /// Reads part of a text and sums up the whole file, at the same time where text comes compressed.
    public func textAndChecksum(
        of path: RelativePath,
        from offset: Int,
        count: Int
    ) async throws -> (text: [UInt8], checksum: FileChecksum) {
        guard compressesText(count: count), offset >= 0 else {
            let checksum = try await checksum(of: path)
            return (try await text(of: path, from: offset, count: count), checksum)
        }
        let words = ["ct"] + Self.parts(path) + ["\(offset)", "\(count)", tools.readFlags]
        let answer = try await shell.ask(words, limit: GzipText.lengthLimit(of: count) + 64)
        try check(answer.status, answer.errors, path: shown(path), operation: "read")
        if let line = troubleOfPipe(answer.errors) {
            throw CollectorError.remoteFile(shown(path), operation: "read", reason: line)
        }
        try await pacer?.pace(answer.output.count)
        let end = answer.output.lastIndex(of: UInt8(ascii: "\n")) ?? answer.output.startIndex
        guard let checksum = FileChecksum(output: Array(answer.output[end...])) else {
            throw CollectorError.protocolViolation(shown(path), reason: "no checksum came")
        }
        let compressed = Array(answer.output[..<end])
        return (try GzipText.decompressed(compressed, limit: count, what: shown(path)), checksum)
    }

    /// A pipe tells the failure of its last program alone: what the first one said counts, too.
    private func troubleOfPipe(_ errors: String) -> String? {
        errors.split(whereSeparator: \.isNewline)
            .first { line in
                ["dd: ", "gzip: ", "head: ", "tail: ", "sha256sum: "].contains { line.hasPrefix($0) }
                    && !line.contains("roken pipe")
            }
            .map { RemoteText.readable($0) }
    }
}
