import CTensorKernels

/// The threads that all kernels share.
///
/// OpenBLAS runs on one thread and its work is split here, so that two pools never fight for the same cores.
public enum ThreadPool {
    /// How many threads work at once.
    public static var threadCount: Int { Int(tk_pool_thread_count()) }

    /// Sets how many threads work at once; before the first kernel runs.
    ///
    /// - Parameter count: how many; as many as there are processors where it is never set.
    /// - Returns: how many there are.
    @discardableResult
    public static func start(threadCount count: Int) -> Int {
        Int(tk_pool_start(Int32(clamping: count)))
    }

    /// Runs a body for every index, on all threads, and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: how many indices.
    ///   - body: called once for each, from any thread, in any order.
    static func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
        guard count > 1 else {
            if count == 1 { body(0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            let task = Task(body: body)
            withExtendedLifetime(task) {
                unsafe tk_pool_run(
                    count,
                    { context, index in
                        guard let context = unsafe context else { return }
                        unsafe Unmanaged<Task>.fromOpaque(context).takeUnretainedValue().body(index)
                    },
                    Unmanaged.passUnretained(task).toOpaque()
                )
            }
        }
    }

    private final class Task: Sendable {
        let body: @Sendable (Int) -> Void
        init(body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }

    /// Runs a body for ranges that together are `0..<count`, each of `grain` indices at least, as many as keep all
    /// threads busy to the end.
    static func ranges(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let parts = min(max(1, count / max(1, grain)), threadCount * 4)
        run(parts) { part in body(count * part / parts..<count * (part + 1) / parts) }
    }
}
