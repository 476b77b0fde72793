import Files
import Glibc
import Synchronization

/// Turns what happens during a sync into lines: data on standard output, talk on standard error.
public final class SyncReporter: Sendable {
    /// Where a line goes.
    public enum Channel: Sendable, Hashable {
        case output, talk
        /// Replaces the last line of its kind on a terminal.
        case progress
    }

    private let options: SyncOutputOptions
    private let isDryRun: Bool
    private let write: @Sendable (Channel, String) -> Void
    private let now: @Sendable () -> Int
    private let log: SyncLogFile?
    private let progress: Mutex<ProgressMeter>

    /// - Parameters:
    ///   - options: what is said.
    ///   - isDryRun: whether nothing is really done.
    ///   - time: the clock that rates are reckoned by.
    ///   - now: the seconds since 1970; nil for the system's clock.
    ///   - write: gets every line, without its end.
    /// - Throws: ``CollectorError`` where the log file cannot be written.
    public init(
        _ options: SyncOutputOptions,
        isDryRun: Bool,
        time: MonotonicTime = .system,
        now: (@Sendable () -> Int)? = nil,
        write: @escaping @Sendable (Channel, String) -> Void
    ) throws(CollectorError) {
        self.options = options
        self.isDryRun = isDryRun
        self.write = write
        self.now = now ?? { Glibc.time(nil) }
        log = if let path = options.logFile { try SyncLogFile(path) } else { nil }
        progress = Mutex(ProgressMeter(time: time))
    }

    /// Tells one event.
    ///
    /// - Parameter event: what happened.
    public func report(_ event: SyncEvent) {
        switch event {
        case .createdDestination(let path):
            if options.verbosity > 0 || options.itemizes { talk("created the folder \(path)") }
        case .skipped(let skipped): talk("skipping \(skipped.name): \(skipped.reason)")
        case .notice(let text): talk(text)
        case .problem(let error):
            // Errors are told even with -q.
            write(.talk, "voxsite: \(error)")
            log?.append("\(error)", now: now())
            if options.isJSON { write(.output, JSONLine(["problem": .string("\(error)")]).text) }
        case .item(let item): tell(item)
        case .progress(let progress):
            guard options.showsProgress, !options.isQuiet else { return }
            let line = self.progress.withLock { $0.line(for: progress, usesUnits: options.usesUnits) }
            if let line { write(.progress, line) }
        }
    }

    /// Tells how it ended.
    ///
    /// - Parameter result: what the sync returned.
    public func finish(_ result: SyncResult) {
        let statistics = result.statistics
        if let failure = result.failure {
            write(.talk, "voxsite: \(failure)")
            log?.append("\(failure)", now: now())
        } else if result.exitStatus == 20 {
            write(
                .talk,
                "interrupted: \(statistics.transferredFileCount) files are in place; what was begun is kept in "
                    + "partial folders and taken up next time"
            )
        }
        if options.isJSON { write(.output, JSONLine(result).text) }
        let summary = statistics.summary(isDryRun: isDryRun, usesUnits: options.usesUnits)
        log?.append(summary, now: now())
        guard !options.isQuiet, !options.isJSON else { return }
        if options.showsStatistics {
            for line in statistics.lines(usesUnits: options.usesUnits) { write(.output, line) }
        }
        if options.verbosity > 0 || options.showsStatistics { write(.output, summary) }
    }

    private func talk(_ text: String) {
        log?.append(text, now: now())
        if !options.isQuiet { write(.talk, text) }
    }

    private func tell(_ item: SyncItem) {
        log?.append(ShownText.escaped(OutFormat.itemized.line(for: item, now: now())), now: now())
        if options.isJSON {
            write(.output, JSONLine(item).text)
            return
        }
        guard !options.isQuiet, let line = line(for: item) else { return }
        write(.output, ShownText.escaped(line))
        if options.verbosity > 1, let level = item.verification {
            write(.talk, "\(item.shownName): verified: \(level.rawValue)")
        }
    }

    private func line(for item: SyncItem) -> String? {
        let onlyAttributes = item.change.update == .attributes
        if let format = options.format {
            return onlyAttributes && !format.isItemized ? nil : format.line(for: item, now: now())
        }
        if options.itemizes { return OutFormat.itemized.line(for: item, now: now()) }
        guard options.verbosity > 0 || options.showsProgress else { return nil }
        if item.change.update == .deleted { return "deleting \(item.shownName)" }
        // As rsync, the top is always named with -v, other folders and files when something is carried.
        return onlyAttributes && item.path != nil ? nil : OutFormat.names.line(for: item, now: now())
    }
}

/// Reckons how fast a file comes and when it will be there.
private struct ProgressMeter: Sendable {
    let time: MonotonicTime
    private var path: RelativePath?
    private var start = Duration.zero
    private var startByteCount = 0
    private var last = Duration.zero

    init(time: MonotonicTime) { self.time = time }

    /// At most five lines a second, and the last one of each file.
    mutating func line(for progress: TransferProgress, usesUnits: Bool) -> String? {
        let now = time.now()
        let isDone = progress.receivedByteCount >= progress.totalByteCount
        if path != progress.path {
            (path, start, startByteCount) = (progress.path, now, progress.receivedByteCount)
        } else if !isDone, now - last < .milliseconds(200) {
            return nil
        }
        last = now
        let seconds = Double((now - start) / .milliseconds(1)) / 1_000
        let came = progress.receivedByteCount - startByteCount
        let rate = seconds > 0 ? Double(came) / seconds : 0
        let percent =
            progress.totalByteCount > 0
            ? Int(Double(progress.receivedByteCount) / Double(progress.totalByteCount) * 100) : 100
        let remaining =
            rate > 0 ? Int(Double(progress.totalByteCount - progress.receivedByteCount) / rate) : 0
        let (minutes, rest) = min(remaining, 359_999).quotientAndRemainder(dividingBy: 60)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(progress.path) " + ByteCount.text(progress.receivedByteCount, inUnits: usesUnits)
            + " \(percent)% \(ByteCount.text(Int(rate), inUnits: true))B/s "
            + "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
    }
}
