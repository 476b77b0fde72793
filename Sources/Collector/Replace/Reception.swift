import Files

/// One attempt to bring one file to a partial file and to verify it.
struct Reception: Sendable {
    let transfer: WholeFileTransfer
    let path: RelativePath
    let source: any Transport
    let destination: any WritableTransport
    let target: RelativePath
    let progress: @Sendable (TransferProgress) -> Void

    var options: WholeFileOptions { transfer.options }
    var isCheckpoint: Bool { CheckpointStructure.isCheckpoint(path) }

    /// Bytes at the destination and how many of them came now.
    struct Contents {
        var sha256: SHA256Value?
        var carriedByteCount: Int
        var reusedByteCount: Int
    }

    /// - Throws: ``CollectorError/changed(_:)`` where another attempt makes sense.
    func run(seen: ObservedStatus?) async throws -> ReceivedFile {
        let observed = try await restingStatus(seen: seen)
        let status = observed.status
        let format = try await CheckpointStructure.probe(
            path,
            on: source,
            size: status.size,
            isRequired: options.requiresCheckpoint
        )
        let partial = try transfer.partialPath(for: target, status: status)
        try await prepareFolder(for: partial)
        // The source hashes while it sends. Both are of one and the same content if it is unchanged after them.
        async let sourceHash = sourceHash(size: status.size)
        let contents = try await receive(status, into: partial)
        try transfer.atStep(.bytesReceived)
        let theirs = try await sourceHash
        try await requireUnchanged(observed, partial: partial)
        try transfer.atStep(.sourceChecked)
        let (level, hash) = try await verify(contents, theirs, partial: partial, status: status)
        try transfer.atStep(.verified)
        return ReceivedFile(
            source: path,
            partial: partial,
            status: status,
            sha256: hash,
            verification: level,
            format: format,
            carriedByteCount: contents.carriedByteCount,
            reusedByteCount: contents.reusedByteCount
        )
    }

    // MARK: Before

    func currentStatus() async throws -> FileStatus {
        guard let status = try await source.status(of: path) else { throw CollectorError.vanished(shown) }
        guard status.kind == .file else {
            throw CollectorError.refused(shown, reason: "it is not a regular file")
        }
        guard status.size <= options.maximumByteCount else {
            throw CollectorError.refused(
                shown,
                reason: "it claims \(status.size) bytes, more than is allowed"
            )
        }
        return status
    }

    var shown: String { path.below(source.displayName) }

    private func prepareFolder(for partial: RelativePath) async throws {
        guard let folder = partial.parent else { return }
        if try await destination.status(of: folder)?.kind != .directory {
            try await destination.createFolder(folder)
            try await destination.setAttributes(of: folder, mode: 0o700, modifiedNanoseconds: nil)
        } else if destination.capabilities.contains(.list) {
            try await removeOutdated(besides: partial, in: folder)
        }
        try transfer.atStep(.partialFolderCreated)
    }

    /// Removes what is left of versions that the source no longer has.
    private func removeOutdated(besides partial: RelativePath, in folder: RelativePath) async throws {
        let prefix = WholeFileTransfer.partialPrefix(for: target)
        for file in try await destination.list(folder, recursively: false).files
        where file.path != partial
            && WholeFileTransfer.isPartial(file.path.lastComponent, prefix: prefix)
        {
            try await destination.remove(file.path)
        }
    }

    // MARK: Bytes

    private func receive(_ status: FileStatus, into partial: RelativePath) async throws -> Contents {
        let start = try await resumption(of: partial, size: status.size)
        try transfer.atStep(.overlapCompared)
        if start == 0, let contents = try await receiveByDelta(status, into: partial) { return contents }
        let report = progress
        let (path, size) = (path, status.size)
        var hash: SHA256Value?
        let end: Int
        if let local = destination as? LocalTransport {
            let writer = try await local.writer(partial, at: start, limit: size)
            try await source.read(path, from: start, count: size - start) { bytes in
                try writer.append(bytes)
                let received = writer.offset
                report(TransferProgress(path: path, receivedByteCount: received, totalByteCount: size))
            }
            hash = try writer.finish()
            end = writer.offset
        } else {
            end = try await push(from: start, size: size, to: partial)
            if options.comparesHashes, destination.capabilities.contains(.hash) {
                hash = try await destination.sha256(of: partial, prefix: nil)
            }
        }
        guard end == size else {
            try await destination.remove(partial)
            throw CollectorError.changed(shown)
        }
        return Contents(sha256: hash, carriedByteCount: size - start, reusedByteCount: start)
    }

    /// How much of a partial file can be kept: all, where its end equals the source's.
    private func resumption(of partial: RelativePath, size: Int) async throws -> Int {
        guard let existing = try await destination.status(of: partial) else { return 0 }
        guard existing.kind == .file, existing.size <= size else {
            try await destination.remove(partial)
            return 0
        }
        let overlap = min(existing.size, options.overlapByteCount)
        let offset = existing.size - overlap
        let here = try await destination.bytes(of: partial, from: offset, count: overlap)
        let there = try await source.bytes(of: path, from: offset, count: overlap)
        guard here == there else {
            try await destination.remove(partial)
            return 0
        }
        return existing.size
    }

    /// Carries bytes to a destination that is not here, in pieces.
    private func push(from start: Int, size: Int, to partial: RelativePath) async throws -> Int {
        let position = Position(start)
        let (source, path, report) = (source, path, progress)
        let written = try await destination.write(partial, at: start, truncating: true) {
            let offset = await position.value
            let count = min(4 << 20, size - offset)
            guard count > 0 else { return [] }
            let bytes = try await source.bytes(of: path, from: offset, count: count)
            await position.advance(by: bytes.count)
            report(
                TransferProgress(
                    path: path,
                    receivedByteCount: offset + bytes.count,
                    totalByteCount: size
                )
            )
            return bytes
        }
        return start + written
    }

    private actor Position {
        private(set) var value: Int
        init(_ value: Int) { self.value = value }
        func advance(by count: Int) { value += count }
    }

    /// Carries only what changed where an older version is at the destination and both ends are here.
    ///
    /// - Returns: nil where the file is to be carried whole.
    private func receiveByDelta(_ status: FileStatus, into partial: RelativePath) async throws -> Contents? {
        guard options.deltaUse != .never, status.size > DeltaReception.minimumByteCount,
            !CheckpointStructure.isWeights(path),
            let source = source as? LocalTransport, let destination = destination as? LocalTransport,
            let old = try await destination.status(of: target), old.kind == .file,
            old.size > DeltaReception.minimumByteCount,
            try options.deltaUse == .always || LocalDescriptor.root(destination.root).sharesBlocks()
        else { return nil }
        let delta = DeltaReception(
            source: source,
            path: path,
            destination: destination,
            basis: target,
            partial: partial
        )
        let (path, report) = (path, progress)
        let result = try await delta.run(size: status.size) { received in
            report(TransferProgress(path: path, receivedByteCount: received, totalByteCount: status.size))
        }
        // The final check of the algorithm: the whole content, as it lies there now.
        guard try await destination.sha256(of: partial, prefix: nil) == result.sha256 else {
            try await destination.remove(partial)
            return nil
        }
        return Contents(
            sha256: result.sha256,
            carriedByteCount: result.literalByteCount,
            reusedByteCount: result.matchedByteCount
        )
    }

    // MARK: After

    /// The SHA-256 that the source has of the file; nil where none is compared.
    private func sourceHash(size: Int) async throws -> SHA256Value? {
        let isComparable = destination is LocalTransport || destination.capabilities.contains(.hash)
        guard options.comparesHashes, isComparable, source.capabilities.contains(.hash) else { return nil }
        // Whether it was longer meanwhile is found out afterwards.
        return try await source.sha256(of: path, prefix: nil)
    }

    private func verify(
        _ contents: Contents,
        _ theirs: SHA256Value?,
        partial: RelativePath,
        status: FileStatus
    ) async throws -> (VerificationLevel, SHA256Value?) {
        var level = VerificationLevel.sizeOnly
        if let ours = contents.sha256, let theirs {
            guard ours == theirs else {
                try await destination.remove(partial)
                throw CollectorError.verification(
                    shown,
                    reason: "its SHA-256 is not that of the source; it is carried anew next time"
                )
            }
            level = .sha256
        }
        let isAcceptable = level == .sha256
        do {
            level = max(level, try await structureLevel(partial: partial, status: status))
        } catch CollectorError.verification(_, let reason) {
            // A source that is itself torn need not be carried again: the partial file says the same next time.
            if !isAcceptable { try await destination.remove(partial) }
            throw CollectorError.verification(shown, reason: reason)
        }
        return (level, contents.sha256)
    }

    private func structureLevel(partial: RelativePath, status: FileStatus) async throws -> VerificationLevel {
        guard isCheckpoint else { return .sizeOnly }
        if destination.capabilities.contains(.local) {
            return try await CheckpointStructure.verify(
                partial,
                on: destination,
                size: status.size,
                name: path
            )
        }
        guard source.capabilities.contains(.local) else { return .sizeOnly }
        return try await CheckpointStructure.verify(path, on: source, size: status.size)
    }
}
