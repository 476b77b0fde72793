import Files

/// Works on one job: waits, makes a pass, and makes the final one when the run or the service ends.
struct BackupRunner: Sendable {
    /// How the work on a job ended.
    enum Ending: Sendable {
        /// By a pass that came to its end.
        case finished(BackupReport)
        /// By a pass that had to be broken off.
        case unfinished
        /// The job could not be worked on.
        case failed(CollectorError)
    }

    /// Why a wait or a pass ended.
    private enum Event: Sendable {
        case due, runEnded, runRevived, stop, timeout
        case pass(BackupReport)
    }

    private let job: BackupJob
    private let environment: BackupEnvironment
    private let store: BackupStore

    /// How often the run's status is looked at.
    static let statusInterval: Duration = .seconds(5)

    /// Opens the job's folder; while a disk is full or away, again and again.
    ///
    /// - Returns: nil where a stop came first.
    /// - Throws: ``CollectorError`` where no repetition helps.
    static func openPatiently(
        _ job: BackupJob,
        _ environment: BackupEnvironment,
        stop: OrderlyStop
    ) async throws -> BackupRunner? {
        var schedule = BackupSchedule(interval: job.interval, jitter: .zero, secondsSinceSuccess: nil)
        while true {
            do { return try await open(job, environment) } catch let error as CollectorError {
                guard error.retryClass == .transient else { throw error }
                environment.say("\(job.name): \(error)")
                schedule.passEnded(error, random: environment.random())
            }
            let time = environment.time
            let delay = schedule.delay
            let waits: [Wait] = [
                Self.stopped(stop, .finish),
                {
                    try await time.sleep(delay); return .due
                },
            ]
            if case .stop = try await Self.first(of: waits) { return nil }
        }
    }

    /// Opens the job's folder.
    ///
    /// - Throws: ``CollectorError``.
    static func open(_ job: BackupJob, _ environment: BackupEnvironment) async throws -> BackupRunner {
        let store = try await BackupStore.open(
            job.folder,
            now: environment.wallClock,
            atStep: environment.atStep
        )
        return BackupRunner(job: job, environment: environment, store: store)
    }

    private init(job: BackupJob, environment: BackupEnvironment, store: BackupStore) {
        self.job = job
        self.environment = environment
        self.store = store
    }

    /// Makes one pass.
    func runOnce(stop: OrderlyStop) async throws -> Ending {
        switch try await Self.first(of: [pass(isFinal: false), Self.stopped(stop, .finish)]) {
        case .pass(let report):
            environment.report(report)
            return .finished(report)
        default: return .unfinished
        }
    }

    /// Works until it is asked to stop.
    func run(stop: OrderlyStop) async throws -> Ending {
        let lastSuccess = await store.lastSuccess
        var schedule = BackupSchedule(
            interval: job.interval,
            jitter: job.jitter,
            secondsSinceSuccess: lastSuccess.map { environment.wallClock() - $0 }
        )
        var watch = job.run.map { RunStatusWatch(path: "\(job.runs)/\($0)/metrics.jsonl") }
        // A run that has ended and whose final pass is made: its host may go at any time.
        var isSettled = false
        // Whether its host has gone, so that there is nothing to come any more.
        var isGone = false
        var lastReport: BackupReport?
        while true {
            var waits = [Self.stopped(stop, .finish)]
            if !isGone { waits.append(slept(schedule.delay, .due)) }
            if let watch { waits.append(changed(watch, from: isSettled)) }
            let event = try await Self.first(of: waits)
            await watch?.refresh()
            let hasEnded = watch?.hasEnded ?? false
            switch event {
            case .stop:
                if isGone, let lastReport { return .finished(lastReport) }
                return try await finalPass(stop: stop)
            case .runRevived:
                (isSettled, isGone) = (false, false)
                continue
            case .due, .runEnded, .timeout, .pass: break
            }
            if !hasEnded { (isSettled, isGone) = (false, false) }
            let isFinal = hasEnded && !isSettled
            var race = [pass(isFinal: isFinal), Self.stopped(stop, .finish)]
            if isFinal { race.append(slept(job.finalTimeout, .timeout)) }
            switch try await Self.first(of: race) {
            case .stop: return try await finalPass(stop: stop)
            case .pass(let report):
                if isSettled, let error = report.failure, error.isAbsence {
                    environment.say(
                        "\(job.name): the run has ended and its host is gone; what there was is kept"
                    )
                    isGone = true
                    continue
                }
                environment.report(report)
                lastReport = report
                if isFinal { isSettled = report.isVerified }
                schedule.passEnded(report.isVerified ? nil : report.firstError, random: environment.random())
            default:
                environment.say("\(job.name): the final pass took longer than allowed; it goes on from there")
                schedule.passEnded(.timeout(job.name, seconds: 0), random: environment.random())
            }
        }
    }

    /// The last thing done: in the time that is allowed, unless a second request ends it.
    private func finalPass(stop: OrderlyStop) async throws -> Ending {
        let events = [pass(isFinal: true), slept(job.finalTimeout, .timeout), Self.stopped(stop, .abort)]
        switch try await Self.first(of: events) {
        case .pass(let report):
            environment.report(report)
            return .finished(report)
        case .timeout:
            environment.say("\(job.name): the final pass took longer than allowed; what came is kept")
            return .unfinished
        default:
            environment.say("\(job.name): the final pass was broken off; what came is kept")
            return .unfinished
        }
    }

    // MARK: What is waited for

    private typealias Wait = @Sendable () async throws -> Event

    private func pass(isFinal: Bool) -> Wait {
        let pass = BackupPass(job: job, environment: environment, store: store, isFinal: isFinal)
        return { .pass(try await pass.run()) }
    }

    private static func stopped(_ stop: OrderlyStop, _ level: OrderlyStop.Level) -> Wait {
        {
            await stop.wait(for: level)
            try Task.checkCancellation()
            return .stop
        }
    }

    private func slept(_ duration: Duration, _ event: Event) -> Wait {
        let time = environment.time
        return {
            try await time.sleep(duration)
            return event
        }
    }

    /// Waits until the run has ended, or goes on again after it had.
    private func changed(_ watch: RunStatusWatch, from isSettled: Bool) -> Wait {
        let time = environment.time
        return {
            var watch = watch
            let hadEnded = watch.hasEnded
            while true {
                await watch.refresh()
                if watch.hasEnded, !hadEnded, !isSettled { return .runEnded }
                if !watch.hasEnded, isSettled { return .runRevived }
                try await time.sleep(Self.statusInterval)
            }
        }
    }

    /// What comes first; the others are cancelled and waited for.
    private static func first(of waits: [Wait]) async throws -> Event {
        try await withThrowingTaskGroup(of: Event.self) { group in
            for wait in waits { group.addTask { try await wait() } }
            defer { group.cancelAll() }
            guard let event = try await group.next() else { throw CancellationError() }
            return event
        }
    }
}

extension CollectorError {
    /// Whether it says that the host is not there.
    fileprivate var isAbsence: Bool {
        switch self {
        case .connection, .connectTimeout, .timeout: true
        default: false
        }
    }
}
