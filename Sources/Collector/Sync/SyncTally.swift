/// Keeps count of a sync, and what its exit status will be.
struct SyncTally: Sendable {
    var statistics = SyncStatistics()
    var deletionLimitReached = false
    private var vanishedCount = 0
    private var failedCount = 0
    private var failure: CollectorError?
    private var isInterrupted = false

    /// Notes a failure that the rest survives.
    mutating func note(_ error: CollectorError, _ report: (SyncEvent) -> Void) {
        statistics.problemCount += 1
        if case .vanished = error { vanishedCount += 1 } else { failedCount += 1 }
        report(.problem(error))
    }

    /// Notes why the sync could not go on.
    mutating func end(with error: any Error) {
        switch error {
        case let error as CollectorError: failure = error
        case is CancellationError: isInterrupted = true
        default: failure = .protocolViolation("this sync", reason: "\(error)")
        }
    }

    /// How it ended, with the status that rsync would give.
    ///
    /// Source: rsync, cleanup.c, `_exit_cleanup`: 20 when interrupted; what ended it; 23, 24, 25 in this order.
    var result: SyncResult {
        let status: Int32 =
            if isInterrupted { 20 } else if let failure { failure.exitStatus } else if failedCount > 0 {
                23
            } else if vanishedCount > 0 { 24 } else if deletionLimitReached { 25 } else { 0 }
        return SyncResult(exitStatus: status, statistics: statistics, failure: failure)
    }
}

extension CollectorError {
    /// Whether it concerns the host, the disk or the whole command, so that going on makes no sense.
    var stopsSync: Bool {
        switch self {
        case .usage, .configuration, .selection, .hostUnknown, .hostKeyChanged, .authentication, .connection,
            .connectTimeout, .timeout, .stream, .deletionStopped:
            true
        case .file(let error): error.isOfDisk
        case .protocolViolation, .remoteFile, .vanished, .exists, .refused, .changed, .verification, .partial:
            false
        }
    }
}
