import Foundation

/// Runs an actor's work on a thread of its own, so that a blocking call holds up nobody else.
///
/// Swift's pool has as many threads as the machine has cores; two calls of `curl_easy_perform` in it would stop
/// the whole program on a small server. The thread starts with the executor and ends when the last reference to
/// it has gone and its last job is done.
final class CurlExecutor: SerialExecutor {
    private let jobs = JobQueue()

    init() {
        // The thread holds the queue alone: holding the executor, it would keep itself alive.
        let jobs = jobs
        Thread.detachNewThread {
            Self.blockSignals()
            while let next = jobs.next() {
                next.job.runSynchronously(on: next.executor.asUnownedSerialExecutor())
            }
        }
    }

    deinit { jobs.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        // The entry holds the executor until its job has run: the job may let go of the actor that owns it.
        jobs.append(JobQueue.Entry(job: UnownedJob(job), executor: self))
    }

    /// Keeps every signal away from this thread.
    ///
    /// Those of the process belong to its signal watch, and libcurl, told not to touch signals, leaves a SIGPIPE
    /// from a broken connection to us.
    private static func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}

/// Where jobs wait for the one thread that runs them.
///
/// `@unchecked Sendable`: `entries` and `isStopped` are touched only between `lock()` and `unlock()` of the
/// condition, which any thread may use.
private final class JobQueue: @unchecked Sendable {
    struct Entry {
        let job: UnownedJob
        let executor: CurlExecutor
    }

    private let condition = NSCondition()
    private var entries: [Entry] = []
    private var isStopped = false

    func append(_ entry: Entry) {
        condition.lock()
        entries.append(entry)
        condition.signal()
        condition.unlock()
    }

    /// Waits for a job; nil once there will be no more.
    func next() -> Entry? {
        condition.lock()
        defer { condition.unlock() }
        while entries.isEmpty {
            if isStopped { return nil }
            condition.wait()
        }
        return entries.removeFirst()
    }

    func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }
}
