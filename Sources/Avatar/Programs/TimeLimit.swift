/// Work that is given up when it takes too long.
enum TimeLimit {
    /// Does something to its end, or to the end of its time.
    ///
    /// - Parameters:
    ///   - seconds: how long it may take; nil for as long as it takes.
    ///   - what: what takes so long, for the message.
    ///   - work: is cancelled, and waited for, when the time is up.
    /// - Returns: what came of it.
    /// - Throws: ``AvatarError/timeout(what:seconds:)``, what `work` throws, `CancellationError`.
    static func run<Value: Sendable>(
        seconds: Double?,
        what: String,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let seconds else { return try await work() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Deadline.sleep(seconds)
                throw AvatarError.timeout(what: what, seconds: seconds)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
