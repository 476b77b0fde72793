import Collector
import Files
import Foundation

/// Reaches the places that a sync names.
actor SyncPlaces {
    private let options: SyncOptions
    nonisolated let opener: TransportOpener
    /// One for the destination; it locks it against other collectors.
    private var journal: AppendJournal?

    init(_ options: SyncOptions) throws(CollectorError) {
        self.options = options
        let file = HostDirectory.defaultFile(
            given: options.hostsFile,
            environment: ProcessInfo.processInfo.environment
        )
        opener = TransportOpener(
            hosts: try HostDirectory(contentsOf: file),
            timeouts: options.timeouts,
            bytesPerSecond: options.bytesPerSecond,
            compresses: options.compresses,
            warn: { Console.error("voxsite: \($0)") }
        )
    }

    nonisolated var connections: SyncConnections {
        SyncConnections(
            open: { [opener] in try await opener.open($0) },
            openWritable: { [opener] in try await opener.openWritable($0) },
            makeAppendCarrier: { try await self.carrier(from: $0, to: $1) }
        )
    }

    private func carrier(
        from source: any Transport,
        to destination: any WritableTransport
    ) throws -> any AppendCarrier {
        let journal = try journal ?? openJournal()
        self.journal = journal
        var append = AppendOptions()
        append.readsCopies = options.comparesChecksums
        return JournaledAppendCarrier(
            source: source,
            destination: destination,
            journal: journal,
            options: append
        )
    }

    private func openJournal() throws -> AppendJournal {
        if options.destination.isLocal { return try AppendJournal(root: options.destination.path) }
        // What was pushed to another host is remembered here.
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"] ?? (environment["HOME"] ?? ".") + "/.local/state"
        let name = SHA256Value(hashing: Array(options.destination.description.utf8)).hex
        let folder = "\(state)/voxsite/pushed/\(name)"
        try FileSystem.createDirectories(folder, mode: 0o700)
        return try AppendJournal(root: folder)
    }
}
