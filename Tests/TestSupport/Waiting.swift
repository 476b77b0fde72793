/// Lets others go on until something has happened, or the test's time is up.
///
/// - Parameter condition: whether it has.
/// - Throws: `CancellationError` when the time is up, and what `condition` throws.
public func waitUntil(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
