import Files

/// Carries one file of a plan, by its class.
struct FileCarrier: Sendable {
    let executor: SyncExecutor
    /// By the number of the source.
    let carriers: [Int: any AppendCarrier]

    private var options: SyncOptions { executor.options }

    /// - Returns: what is to be told, nil where nothing changed; and how many bytes were there already.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func carry(_ carriage: SyncPlan.Carriage, item: SyncItem) async throws -> (SyncItem?, Int) {
        switch carriage.fileClass {
        case .append: try await append(carriage, item: item)
        case .replace: try await replace(carriage, item: item)
        }
    }

    // MARK: Logs

    private func append(_ carriage: SyncPlan.Carriage, item: SyncItem) async throws -> (SyncItem?, Int) {
        guard let carrier = carriers[carriage.entry.sourceIndex] else { return (nil, 0) }
        let transport = executor.destination.transport
        if let folder = carriage.path.parent { try await transport.createFolder(folder) }
        let outcome = try await carrier.carry(carriage.path, status: carriage.entry.status)
        if let reason = outcome.newGenerationReason {
            executor.report(
                .notice("\(carriage.path): a new generation: \(reason); what was collected is kept")
            )
        }
        let isNew = carriage.previous == nil
        let keepsTime = carriage.attributes.keepsTime
        if isNew || carriage.change.hasOtherPermissions || keepsTime {
            try await transport.setAttributes(
                of: carriage.path,
                mode: isNew || carriage.change.hasOtherPermissions ? carriage.attributes.mode : nil,
                modifiedNanoseconds: keepsTime ? carriage.entry.status.modifiedNanoseconds : nil
            )
        }
        var item = item
        item.carriedByteCount = outcome.carriedByteCount
        return (item, outcome.equalByteCount)
    }

    // MARK: Whole files

    private func replace(_ carriage: SyncPlan.Carriage, item: SyncItem) async throws -> (SyncItem?, Int) {
        var wholeFile = WholeFileOptions()
        wholeFile.partialFolder = options.partialFolder
        let transfer = WholeFileTransfer(options: wholeFile, time: executor.time)
        let source = executor.sources[carriage.entry.sourceIndex].transport
        let transport = executor.destination.transport
        let target = executor.destination.fileName ?? carriage.path
        let seen = ObservedStatus(status: carriage.entry.status, time: executor.listedAt)
        func receive() async throws -> ReceivedFile {
            try await transfer.receive(
                carriage.path,
                from: source,
                to: transport,
                near: target,
                seen: seen,
                progress: { executor.report(.progress($0)) }
            )
        }
        var received: ReceivedFile
        // Only a hash of the whole tells whether what is continued is the beginning of the source.
        if carriage.continues, source.capabilities.contains(.hash), transport.capabilities.contains(.local) {
            try await continueExisting(target, for: carriage, transfer)
            do {
                received = try await receive()
            } catch CollectorError.verification {
                received = try await receive()
            }
        } else {
            received = try await receive()
        }
        if options.backupFolder != nil, carriage.previous != nil { try await executor.backUp(target) }
        try await transfer.install(received, on: transport, as: target, attributes: carriage.attributes)
        var item = item
        item.byteCount = received.status.size
        item.modifiedNanoseconds = received.status.modifiedNanoseconds
        item.carriedByteCount = received.carriedByteCount
        item.verification = received.verification
        return (item, received.reusedByteCount)
    }

    /// Lets a transfer continue a copy of what is at the destination, which itself stays untouched until the end.
    private func continueExisting(
        _ target: RelativePath,
        for carriage: SyncPlan.Carriage,
        _ transfer: WholeFileTransfer
    ) async throws {
        let transport = executor.destination.transport
        let partial = try transfer.partialPath(for: target, status: carriage.entry.status)
        guard try await transport.status(of: partial) == nil, let length = carriage.previous?.size else {
            return
        }
        if let folder = partial.parent { try await transport.createFolder(folder) }
        let position = Position()
        _ = try await transport.write(partial, at: 0, truncating: true) {
            let offset = await position.value
            let bytes = try await transport.bytes(
                of: target,
                from: offset,
                count: min(1 << 20, length - offset)
            )
            await position.advance(by: bytes.count)
            return bytes
        }
    }

    private actor Position {
        private(set) var value = 0
        func advance(by count: Int) { value += count }
    }
}
