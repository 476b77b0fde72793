import NIOCore

/// Runs tasks on the thread of one event loop.
///
/// Without it each request crosses from NIO's thread to the pool of Swift's tasks and back, which costs more
/// than answering it from memory, and a build that fills that pool with work would hold up every page.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
