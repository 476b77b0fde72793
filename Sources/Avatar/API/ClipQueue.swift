/// The jobs of the API: one is worked on, a few wait, all others are told to come back.
actor ClipQueue {
    /// How the queue behaves.
    struct Limits: Sendable {
        /// How many jobs may wait.
        var waiting = 8
        /// How long one may take, whatever it does.
        var jobSeconds = 900.0
        /// A job that nobody asks for so long is given up.
        var abandonedSeconds = 30.0
        /// How many finished jobs can still be asked for.
        var finished = 64
    }

    private let limits: Limits
    private var jobs: [String: ClipJob] = [:]
    private var waiting: [String] = []
    private var running: String?
    private var finished: [String] = []
    private var nextWatcher = 0
    private var isClosed = false
    /// How long the newest jobs took, for `Retry-After`.
    private var secondsPerJob = 5.0
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)

    init(limits: Limits = Limits()) { self.limits = limits }

    /// How many there are.
    var counts: (running: Int, waiting: Int, limit: Int) {
        (running == nil ? 0 : 1, waiting.count, limits.waiting)
    }

    /// Refuses a job at once that would not be taken.
    ///
    /// - Throws: ``APIRefusal``: 429 where too many wait, 503 where the server is stopping.
    func requireRoom() throws(APIRefusal) {
        guard !isClosed else { throw APIRefusal(503, "the server is stopping", retryAfterSeconds: 10) }
        guard waiting.count >= limits.waiting else { return }
        let seconds = (secondsPerJob * Double(waiting.count)).rounded(.up).clamped(to: 1...600)
        throw APIRefusal(
            429,
            "\(waiting.count) clips are waiting already; try again later",
            retryAfterSeconds: Int(seconds)
        )
    }

    /// Takes a job.
    ///
    /// - Returns: what to call it.
    /// - Throws: as ``requireRoom()``.
    func submit(_ work: @escaping ClipJob.Work) throws(APIRefusal) -> String {
        try requireRoom()
        let id = "speak-" + RandomName.make()
        let ahead = waiting.count + (running == nil ? 0 : 1)
        jobs[id] = ClipJob(id: id, ahead: ahead, now: .now, work: work)
        waiting.append(id)
        arrival.yield()
        return id
    }

    /// Where a job stands; nil for one that is not known (any more).
    func state(_ id: String) -> ClipJob.State? {
        jobs[id]?.lastSeen = .now
        return jobs[id]?.state
    }

    /// Where a job stands, now and after every change, until it is done; nil for one that is not known.
    func watch(_ id: String) -> AsyncStream<ClipJob.State>? {
        guard let state = jobs[id]?.state else { return nil }
        let (stream, continuation) = AsyncStream<ClipJob.State>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        continuation.yield(state)
        guard !state.isFinal else {
            continuation.finish()
            return stream
        }
        let watcher = nextWatcher
        nextWatcher += 1
        jobs[id]?.watchers[watcher] = continuation
        return stream
    }

    /// Gives a job up; nothing of it is left.
    func cancel(_ id: String, because reason: APIRefusal = APIRefusal(410, "the clip was cancelled")) {
        guard let job = jobs[id], !job.state.isFinal else { return }
        job.cancellation.yield(reason)
        job.cancellation.finish()
        guard running != id else { return }  // ends by itself, and says so then
        waiting.removeAll { $0 == id }
        end(id, with: .failed(reason))
        tellWaiting()
    }

    /// Works until its task is cancelled; whatever is left is then refused.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.work() }
            group.addTask { await self.giveUpTheAbandoned() }
            await group.next()
            group.cancelAll()
        }
        isClosed = true
        for id in waiting { end(id, with: .failed(APIRefusal(503, "the server is stopping"))) }
        waiting = []
    }

    private func work() async {
        for await _ in arrivals {
            guard let id = waiting.first, let job = jobs[id] else { continue }
            waiting.removeFirst()
            running = id
            tellWaiting()
            let start = ContinuousClock.now
            let (progress, report) = AsyncStream.makeStream(
                of: ClipProgress.self,
                bufferingPolicy: .bufferingNewest(1)
            )
            async let told: Void = tell(progress, of: id)
            let state = await outcome(of: job) { report.yield($0) }
            report.finish()
            await told
            running = nil
            if case .done = state { secondsPerJob = secondsPerJob * 0.7 + start.elapsedSeconds * 0.3 }
            end(id, with: state)
            tellWaiting()
        }
    }

    /// The work, its time-out and the wish to cancel it: the first to end ends the others.
    @concurrent
    private nonisolated func outcome(
        of job: ClipJob,
        _ report: @escaping @Sendable (ClipProgress) -> Void
    ) async -> ClipJob.State {
        await withTaskGroup(of: ClipJob.State?.self) { group in
            group.addTask {
                do {
                    let made = try await job.work(job.id, report)
                    return .done(made)
                } catch is CancellationError {
                    return nil
                } catch {
                    return .failed(APIRefusal(error))
                }
            }
            let seconds = limits.jobSeconds
            group.addTask {
                do { try await Task.sleep(for: .seconds(seconds)) } catch { return nil }
                return .failed(
                    APIRefusal(
                        504,
                        "the clip took longer than \(VisibleText.number(seconds)) s; try a shorter text"
                    )
                )
            }
            let cancellations = job.cancellations
            group.addTask {
                for await reason in cancellations { return .failed(reason) }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failed(APIRefusal(503, "the server is stopping"))
        }
    }

    /// Tells how far a job is, a few times a second: nobody reads more.
    private func tell(_ progress: AsyncStream<ClipProgress>, of id: String) async {
        var last: (stage: ClipProgress.Stage, time: ContinuousClock.Instant)?
        for await step in progress {
            if let last, last.stage == step.stage, last.time.elapsedSeconds < 0.15 { continue }
            last = (step.stage, .now)
            if running == id { tell(id, .running(step)) }
        }
    }

    /// Finds those who have gone, and gives up what nobody waits for.
    private func giveUpTheAbandoned() async {
        let pause = Duration.seconds(min(5, max(0.05, limits.abandonedSeconds / 3)))
        while (try? await Task.sleep(for: pause)) != nil {
            for id in waiting + [running].compactMap(\.self) {
                guard let job = jobs[id] else { continue }
                tell(id, job.state)  // also keeps the connections of those who are there alive
                if jobs[id]?.watchers.isEmpty == false { jobs[id]?.lastSeen = .now }
                if job.lastSeen.elapsedSeconds > limits.abandonedSeconds {
                    cancel(id, because: APIRefusal(410, "nobody asked for the clip any more"))
                }
            }
        }
    }

    private func end(_ id: String, with state: ClipJob.State) {
        tell(id, state)
        for watcher in (jobs[id]?.watchers ?? [:]).values { watcher.finish() }
        jobs[id]?.watchers = [:]
        finished.append(id)
        while finished.count > limits.finished { jobs[finished.removeFirst()] = nil }
    }

    private func tell(_ id: String, _ state: ClipJob.State) {
        jobs[id]?.state = state
        var gone: [Int] = []
        for (key, watcher) in jobs[id]?.watchers ?? [:] {
            if case .terminated = watcher.yield(state) { gone.append(key) }
        }
        for key in gone { jobs[id]?.watchers[key] = nil }
    }

    private func tellWaiting() {
        for (place, id) in waiting.enumerated() {
            tell(id, .waiting(ahead: place + (running == nil ? 0 : 1)))
        }
    }
}
