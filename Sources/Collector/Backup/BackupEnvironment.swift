public import RunRecords

/// What a backup takes from outside, so that tests bring their own hosts and clocks.
public struct BackupEnvironment: Sendable {
    /// Opens a source; its root is the location's path.
    public var open: @Sendable (Location) async throws -> any Transport
    /// The clock that intervals and time limits go by.
    public var time: MonotonicTime
    /// Seconds since 1970, for what is written down.
    public var wallClock: @Sendable () -> Double
    /// A number between 0 and 1, for jitter.
    public var random: @Sendable () -> Double
    /// Hears of each pass.
    public var report: @Sendable (BackupReport) -> Void
    /// Hears what people should know in words.
    public var say: @Sendable (String) -> Void

    var fetcher: any CheckpointFetcher
    var atStep: @Sendable (StoreStep) throws -> Void = { _ in }

    /// - Parameters:
    ///   - open: opens a source.
    ///   - time: the clock that intervals go by.
    ///   - wallClock: seconds since 1970.
    ///   - random: a number between 0 and 1.
    ///   - report: hears of each pass.
    ///   - say: hears what people should know.
    public init(
        open: @escaping @Sendable (Location) async throws -> any Transport,
        time: MonotonicTime = .system,
        wallClock: @escaping @Sendable () -> Double = RunLogWriter.wallClock,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        report: @escaping @Sendable (BackupReport) -> Void = { _ in },
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.open = open
        self.time = time
        self.wallClock = wallClock
        self.random = random
        self.report = report
        self.say = say
        fetcher = TransferFetcher(time: time)
    }
}
