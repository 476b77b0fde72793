/// Backs up many jobs, each by its own schedule, until it is asked to stop.
///
/// A job never overlaps itself, and one whose host is away does not hold up the others.
public struct BackupService: Sendable {
    private let jobs: [BackupJob]
    private let environment: BackupEnvironment

    /// - Parameters:
    ///   - jobs: what is backed up; each has its own folder.
    ///   - environment: hosts and clocks.
    public init(jobs: [BackupJob], environment: BackupEnvironment) {
        self.jobs = jobs
        self.environment = environment
    }

    /// How a service ended.
    public struct Ending: Sendable {
        /// The last report of each job that came to one, in the order of the jobs.
        public var reports: [BackupReport] = []
        /// Jobs that could not be worked on, each with the reason.
        public var failures: [(job: String, error: CollectorError)] = []
        /// Final passes that did not come to their end.
        public var unfinished: [String] = []

        /// Whether everything is here and verified.
        public var isVerified: Bool {
            failures.isEmpty && unfinished.isEmpty && reports.allSatisfy(\.isVerified)
        }

        /// What a shell is told: 0, or 23 where anything is unverified; after a single pass in which nothing could
        /// even begin, the number for that.
        public var exitStatus: Int32 {
            if isVerified { return 0 }
            let statuses = Set((failures.map(\.error) + reports.compactMap(\.failure)).map(\.exitStatus))
            let isWhole = unfinished.isEmpty && reports.allSatisfy { $0.failure != nil && $0.files.isEmpty }
            if isOnce, isWhole, statuses.count == 1, let status = statuses.first { return status }
            return 23
        }

        var isOnce = false
    }

    /// Makes one pass over each job.
    ///
    /// - Parameter stop: ends it early.
    /// - Returns: what was done.
    /// - Throws: `CancellationError`.
    public func runOnce(stop: OrderlyStop = OrderlyStop()) async throws -> Ending {
        let environment = environment
        var ending = try await runAll { job in
            try await BackupRunner.open(job, environment).runOnce(stop: stop)
        }
        ending.isOnce = true
        return ending
    }

    /// Works until it is asked to stop and the final passes are made.
    ///
    /// - Parameter stop: the first request starts the final passes, the second ends them. Cancelling the task ends
    ///   everything at once.
    /// - Returns: how the final passes ended.
    /// - Throws: `CancellationError`.
    public func run(stop: OrderlyStop) async throws -> Ending {
        let environment = environment
        return try await runAll { job in
            guard let runner = try await BackupRunner.openPatiently(job, environment, stop: stop) else {
                return .unfinished
            }
            return try await runner.run(stop: stop)
        }
    }

    private func runAll(
        _ body: @escaping @Sendable (BackupJob) async throws -> BackupRunner.Ending
    ) async throws -> Ending {
        let environment = environment
        let endings = try await withThrowingTaskGroup(of: (Int, BackupRunner.Ending).self) { group in
            for (index, job) in jobs.enumerated() {
                group.addTask {
                    do {
                        return (index, try await body(job))
                    } catch let error as CollectorError {
                        environment.say("\(job.name): not backed up: \(error)")
                        return (index, .failed(error))
                    }
                }
            }
            var endings: [(Int, BackupRunner.Ending)] = []
            for try await ending in group { endings.append(ending) }
            return endings.sorted { $0.0 < $1.0 }
        }
        var ending = Ending()
        for (index, part) in endings {
            switch part {
            case .finished(let report): ending.reports.append(report)
            case .unfinished: ending.unfinished.append(jobs[index].name)
            case .failed(let error): ending.failures.append((jobs[index].name, error))
            }
        }
        return ending
    }
}
