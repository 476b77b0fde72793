public import Files

/// Carries whole files: to a partial file beside the target, verified, and then in its place in one step.
///
/// A reader of the destination sees the old file or the new one. What broke off is taken up where it stopped: the
/// partial file's name holds the source's size and time, so another version never continues it.
public struct WholeFileTransfer: Sendable {
    /// How files are carried.
    public let options: WholeFileOptions

    let time: MonotonicTime
    /// Called at each step; a test ends the transfer there by throwing.
    let atStep: @Sendable (TransferStep) throws -> Void

    /// - Parameters:
    ///   - options: how files are carried.
    ///   - time: the clock by which a checkpoint rests.
    public init(options: WholeFileOptions = WholeFileOptions(), time: MonotonicTime = .system) {
        self.init(options: options, time: time, atStep: { _ in })
    }

    init(
        options: WholeFileOptions,
        time: MonotonicTime,
        atStep: @escaping @Sendable (TransferStep) throws -> Void
    ) {
        self.options = options
        self.time = time
        self.atStep = atStep
    }

    /// Carries one file and puts it in place.
    ///
    /// - Parameters:
    ///   - path: the file, below the source's root.
    ///   - source: where it is.
    ///   - destination: where it goes.
    ///   - target: its path there; folders are created.
    ///   - attributes: what it is to have there.
    ///   - seen: an earlier look at it, which counts for its rest.
    ///   - progress: called often, from any thread.
    /// - Returns: what arrived, with the level of its verification.
    /// - Throws: ``CollectorError`` and `CancellationError`; the target is then what it was.
    public func transfer(
        _ path: RelativePath,
        from source: any Transport,
        to destination: any WritableTransport,
        as target: RelativePath,
        attributes: TransferAttributes = TransferAttributes(),
        seen: ObservedStatus? = nil,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> TransferOutcome {
        let received = try await receive(
            path,
            from: source,
            to: destination,
            near: target,
            seen: seen,
            progress: progress
        )
        try await install(received, on: destination, as: target, attributes: attributes)
        return TransferOutcome(target: target, received: received)
    }

    /// Carries one file to a partial file and verifies it, without giving it a name yet.
    ///
    /// - Parameters:
    ///   - path: the file, below the source's root.
    ///   - source: where it is.
    ///   - destination: where it goes.
    ///   - target: what the partial file is named after; it grows in a folder beside it.
    ///   - seen: an earlier look at it, which counts for its rest.
    ///   - progress: called often, from any thread.
    /// - Returns: what arrived; it waits for ``install(_:on:as:attributes:replacing:)``.
    /// - Throws: ``CollectorError`` and `CancellationError`.
    public func receive(
        _ path: RelativePath,
        from source: any Transport,
        to destination: any WritableTransport,
        near target: RelativePath,
        seen: ObservedStatus? = nil,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> ReceivedFile {
        var attempt = 1
        var seen = seen
        while true {
            do {
                let reception = Reception(
                    transfer: self,
                    path: path,
                    source: source,
                    destination: destination,
                    target: target,
                    progress: progress
                )
                return try await reception.run(seen: seen)
            } catch CollectorError.changed(let what) {
                guard attempt < options.attempts else { throw CollectorError.changed(what) }
                attempt += 1
                seen = nil
            }
        }
    }

    /// Gives a received file its attributes and its name, durably.
    ///
    /// - Parameters:
    ///   - received: what ``receive(_:from:to:near:seen:progress:)`` returned.
    ///   - destination: where it lies.
    ///   - target: its name; folders are created.
    ///   - attributes: what it is to have.
    ///   - replacing: whether a file of that name is replaced; else it is an error.
    /// - Throws: ``CollectorError``; ``CollectorError/exists(_:)`` where the name is taken.
    public func install(
        _ received: ReceivedFile,
        on destination: any WritableTransport,
        as target: RelativePath,
        attributes: TransferAttributes = TransferAttributes(),
        replacing: Bool = true
    ) async throws {
        if let folder = target.parent { try await destination.createFolder(folder) }
        try await destination.setAttributes(
            of: received.partial,
            mode: attributes.mode,
            modifiedNanoseconds: attributes.keepsTime ? received.status.modifiedNanoseconds : nil
        )
        try atStep(.attributesSet)
        if replacing {
            try await destination.replace(target, with: received.partial)
        } else {
            try await destination.move(received.partial, toNew: target)
        }
        try atStep(.replaced)
    }

    /// Where a file grows until it is whole: `<folder>/.voxsite-partial/<name>.<size>-<time>.part`.
    ///
    /// - Parameters:
    ///   - target: where it goes in the end.
    ///   - status: what the source is.
    /// - Returns: a path below the destination's root.
    /// - Throws: ``CollectorError/refused(_:reason:)`` where it would be too long.
    func partialPath(for target: RelativePath, status: FileStatus) throws -> RelativePath {
        let version = "\(status.size)-\(status.modifiedNanoseconds ?? 0)"
        let name = Self.partialPrefix(for: target) + version + ".part"
        do throws(FilesError) {
            let folder = try partialFolder(for: target)
            return try folder.appending(name)
        } catch {
            throw CollectorError.refused(target.string, reason: error.explanation)
        }
    }

    /// The folder in which the partial files of a target lie.
    func partialFolder(for target: RelativePath) throws(FilesError) -> RelativePath {
        guard let parent = target.parent else {
            return try RelativePath(validating: options.partialFolder)
        }
        return try parent.appending(options.partialFolder)
    }

    /// Removes the folder of a target's partial files where nothing is left in it; what still grows there stays.
    func removePartialFolder(for target: RelativePath, on destination: any WritableTransport) async {
        if let folder = try? partialFolder(for: target) { try? await destination.remove(folder) }
    }

    /// How the names of a target's partial files begin; a name too long for more is represented by its hash.
    static func partialPrefix(for target: RelativePath) -> String {
        let name = target.lastComponent
        guard name.utf8.count > 180 else { return name + "." }
        return SHA256Value(hashing: Array(name.utf8)).hex + "."
    }

    /// Whether a name is that of a partial file with this prefix.
    static func isPartial(_ name: some StringProtocol, prefix: String) -> Bool {
        guard name.hasPrefix(prefix), name.hasSuffix(".part") else { return false }
        let version = name.dropFirst(prefix.count).dropLast(".part".count)
        let parts = version.split(separator: "-", maxSplits: 1)
        return parts.count == 2 && Int(parts[0]) != nil && Int(parts[1]) != nil
    }
}
