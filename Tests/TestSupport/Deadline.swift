/// Runs `work` until it has an answer or the time is up, whichever comes first.
///
/// - Parameters:
///   - seconds: how long to wait at most.
///   - work: is cancelled at the deadline and must then return.
/// - Returns: what `work` returned; nil after the deadline.
public func withDeadline<Value: Sendable>(
    seconds: Double,
    _ work: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await work() }
        group.addTask {
            try? await Task.sleep(for: .seconds(seconds))
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}
