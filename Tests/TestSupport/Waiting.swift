/// Waits until something has happened.
///
/// It looks at once and often, then every few milliseconds, so that what it waits for has the processor.
///
/// - Parameters:
///   - seconds: how long at most.
///   - file: where the test waits.
///   - line: where in it.
///   - isolation: whom the condition belongs to.
///   - condition: whether it has happened.
/// - Throws: ``NeverHappened`` when the time is up, `CancellationError`, and what `condition` throws.
public func waitUntil(
    seconds: Double = 100,
    file: String = #fileID,
    line: Int = #line,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var lookCount = 0
    while try await !condition() {
        guard clock.now < end else { throw NeverHappened(place: "\(file):\(line)", seconds: seconds) }
        lookCount += 1
        try Task.checkCancellation()
        if lookCount < 200 { await Task.yield() } else { try await clock.sleep(for: .milliseconds(2)) }
    }
}

/// A test waited in vain.
public struct NeverHappened: Error, CustomStringConvertible {
    let place: String
    let seconds: Double

    /// Where, and for how long.
    public var description: String { "what \(place) waits for did not happen within \(seconds) s" }
}
