/// The batches of a plan, in its order, while they are prepared by other threads.
///
/// Lives only within ``BatchLoader/withBatches(of:from:_:)``.
public struct BatchSequence {
    /// What could not be read so far, in the order of the plan.
    private(set) var unread: [UnreadRecording] = []
    /// How much of what was asked for could not be read, and why.
    public var skipped: SkipTally { SkipTally(unread) }
    /// How long was waited for batches so far.
    public private(set) var secondsWaited = 0.0

    private let loader: BatchLoader
    private let plan: BatchPlan
    private var group: ThrowingTaskGroup<PreparedBatch, any Error>
    private let lookAhead: Int
    /// The next batch to be prepared.
    private var nextStart: Int
    /// The next batch to be given out.
    private var nextResult: Int
    /// Prepared ones that others come before.
    private var ready: [Int: PreparedBatch] = [:]

    init(
        _ loader: BatchLoader,
        _ plan: BatchPlan,
        from first: Int,
        _ group: ThrowingTaskGroup<PreparedBatch, any Error>,
        lookAhead: Int
    ) {
        self.loader = loader
        self.plan = plan
        self.group = group
        self.lookAhead = lookAhead
        nextStart = max(0, first)
        nextResult = nextStart
        start()
    }

    /// The next batch; one of which nothing could be read is passed over.
    ///
    /// - Returns: nil behind the last.
    /// - Throws: `CancellationError`.
    public mutating func next() async throws -> TrainingBatch? {
        while let planned = try await nextPlanned() {
            if let batch = planned.batch { return batch }
        }
        return nil
    }

    /// The next batch of the plan, whether or not anything of it could be read.
    ///
    /// - Returns: nil behind the last.
    /// - Throws: `CancellationError`.
    mutating func nextPlanned() async throws -> PreparedBatch? {
        let begin = ContinuousClock.now
        defer { secondsWaited += (ContinuousClock.now - begin) / .seconds(1) }
        while nextResult < plan.batches.count {
            try Task.checkCancellation()
            start()
            guard let prepared = ready.removeValue(forKey: nextResult) else {
                // A batch that is missing was started and not handed over, so there is one to wait for.
                guard let any = try await group.next() else { return nil }
                ready[any.position] = any
                continue
            }
            nextResult += 1
            start()
            unread += prepared.unread
            return prepared
        }
        return nil
    }

    /// Has batches prepared until as many as allowed are on their way or wait.
    private mutating func start() {
        while nextStart < plan.batches.count, nextStart - nextResult < lookAhead {
            let position = nextStart
            let (loader, entries, epoch) = (loader, plan.batches[position], plan.epoch)
            // The model's own thread comes first.
            group.addTask(priority: .utility) {
                try loader.prepare(entries, position: position, epoch: epoch)
            }
            nextStart += 1
        }
    }
}
