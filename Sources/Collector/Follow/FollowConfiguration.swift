public import Files

/// A tree of run folders on one host, followed into a destination.
public struct FollowSource: Sendable {
    /// The host in words: what the dashboard shows.
    public var name: String
    /// What the source is called in the journal: `gpu:/root/runs`.
    public var location: String
    /// Where its files go below the destination's root; nil for the root itself.
    public var targetFolder: RelativePath?
    /// The folder that inotify watches, for a source on this machine.
    public var localRoot: String?
    /// Files that are followed where the channel cannot list: of plain web servers.
    public var paths: [RelativePath]
    /// Opens a connection; called anew after each failure, and once more for whole files.
    public var open: @Sendable () async throws -> any Transport
    /// What the channel is called on the dashboard: `sftp+exec`.
    public var channel: @Sendable (any Transport) -> String

    /// - Parameters:
    ///   - name: the host in words.
    ///   - location: what the source is called in the journal.
    ///   - targetFolder: where its files go below the destination's root.
    ///   - localRoot: the folder to watch, for a source on this machine.
    ///   - paths: files to follow where the channel cannot list.
    ///   - channel: names the channel.
    ///   - open: opens a connection.
    public init(
        name: String,
        location: String,
        targetFolder: RelativePath? = nil,
        localRoot: String? = nil,
        paths: [RelativePath] = [],
        channel: @escaping @Sendable (any Transport) -> String = FollowSource.channel,
        open: @escaping @Sendable () async throws -> any Transport
    ) {
        self.name = name
        self.location = location
        self.targetFolder = targetFolder
        self.localRoot = localRoot
        self.paths = paths
        self.channel = channel
        self.open = open
    }

    /// Names a channel by what it can do.
    public static let channel: @Sendable (any Transport) -> String = { transport in
        if transport.capabilities.contains(.local) { return "local" }
        if let combined = transport as? CombinedTransport, combined.hasBothChannels { return "sftp+exec" }
        if transport.capabilities.contains(.hash) { return "exec" }
        return transport.capabilities.contains(.list) ? "sftp" : "http"
    }
}

/// What is followed, where to, and how.
public struct FollowConfiguration: Sendable {
    /// The hosts; each fails on its own.
    public var sources: [FollowSource]
    /// The folder that receives; it is created where it is missing.
    public var destinationRoot: String
    /// How append files are carried.
    public var append = AppendOptions()
    /// How often files are looked at.
    public var schedule = PollSchedule()
    /// How many append files of one host are carried at once.
    public var filesAtOnce = 4
    /// Whether checkpoints are carried, too; a backup does that better.
    public var includesCheckpoints = false
    /// Whether files are carried that are neither logs, nor descriptions of runs, nor media, nor checkpoints.
    public var includesOtherFiles = false
    /// Files of one host beyond this number are not followed: a hostile listing must not fill the memory.
    public var fileLimit = 20_000
    /// How long the last pass may take after the end was asked for.
    public var finalPassLimit: Duration = .seconds(30)
    /// Whether `collector/status.json` is written.
    public var writesStatus = true
    /// Carries files that are replaced as a whole.
    public var wholeFiles: any WholeFileCarrier
    /// A further condition for files, for `--include` and `--exclude`; called for every file of every listing.
    public var selects: @Sendable (RelativePath) -> Bool = { _ in true }
    /// Told what happens, in order for each host; called from any thread.
    public var report: @Sendable (FollowEvent) -> Void = { _ in }
    /// The clock by which everything is scheduled.
    public var time = MonotonicTime.system
    /// A number from 0 up to 1, for back-off.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Seconds since 1970, for what people read.
    var wallTime: @Sendable () -> Double = WallTime.now

    /// - Parameters:
    ///   - sources: the hosts.
    ///   - destinationRoot: the folder that receives.
    ///   - wholeFiles: carries files that are replaced as a whole.
    public init(
        sources: [FollowSource],
        destinationRoot: String,
        wholeFiles: any WholeFileCarrier = VerifiedFileCarrier()
    ) {
        self.sources = sources
        self.destinationRoot = destinationRoot
        self.wholeFiles = wholeFiles
    }
}

/// How often files are looked at where nothing tells of changes.
public struct PollSchedule: Sendable, Hashable {
    /// For a file that has just grown.
    public var activeInterval: Duration = .seconds(1)
    /// For a file that has not grown for long; each look in vain brings a file half-way nearer to it.
    public var idleInterval: Duration = .seconds(5)
    /// The same where files are looked at one by one, as over SFTP alone, which costs both sides much more.
    public var idleIntervalOneByOne: Duration = .seconds(10)
    /// For all files of a folder that inotify watches.
    public var watchedInterval: Duration = .seconds(30)
    /// How often new files are looked for while something grows.
    public var listingInterval: Duration = .seconds(5)
    /// How often new files are looked for while nothing grows.
    public var idleListingInterval: Duration = .seconds(30)
    /// Listing takes at most this part of the time, and so does looking at files one by one.
    public var share = 0.2

    /// The defaults.
    public init() {}
}

/// Carries a file that is replaced as a whole, for a follower.
public protocol WholeFileCarrier: Sendable {
    /// Carries one file and puts it in place in one step.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - source: where it is.
    ///   - destination: where it goes.
    ///   - target: its path there.
    /// - Returns: how many bytes came.
    /// - Throws: ``CollectorError``, `CancellationError`; the target is then what it was.
    func carry(
        _ path: RelativePath,
        from source: any Transport,
        to destination: any WritableTransport,
        as target: RelativePath
    ) async throws -> Int

    /// Removes what a process left that was killed when the file was in place and not all was cleared away.
    ///
    /// - Parameters:
    ///   - target: a file that is in place.
    ///   - destination: where it is.
    func clear(after target: RelativePath, on destination: any WritableTransport) async
}

extension WholeFileCarrier {
    /// Nothing is left where nothing but the file is made.
    public func clear(after target: RelativePath, on destination: any WritableTransport) async {}
}

/// Carries whole files by way of a verified partial file.
public struct VerifiedFileCarrier: WholeFileCarrier {
    private let transfer: WholeFileTransfer

    /// - Parameter transfer: how files are carried.
    public init(transfer: WholeFileTransfer = WholeFileTransfer()) { self.transfer = transfer }

    /// Carries one file and puts it in place in one step.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - source: where it is.
    ///   - destination: where it goes.
    ///   - target: its path there.
    /// - Returns: how many bytes came.
    /// - Throws: ``CollectorError``, `CancellationError`.
    public func carry(
        _ path: RelativePath,
        from source: any Transport,
        to destination: any WritableTransport,
        as target: RelativePath
    ) async throws -> Int {
        let outcome = try await transfer.transfer(path, from: source, to: destination, as: target)
        await clear(after: target, on: destination)
        return outcome.received.carriedByteCount
    }

    /// Removes the folder of partial files where nothing is left in it.
    ///
    /// - Parameters:
    ///   - target: a file that is in place.
    ///   - destination: where it is.
    public func clear(after target: RelativePath, on destination: any WritableTransport) async {
        await transfer.removePartialFolder(for: target, on: destination)
    }
}
