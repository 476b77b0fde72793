/// What takes long to find out: asked for once, whoever wants it meanwhile, and remembered for a while.
///
/// A failure is remembered, too: a page that asks again and again shall not wait for a time-out, or start a program,
/// each time.
actor RememberedValue<Value: Sendable> {
    typealias Outcome = Result<Value, any Error>

    /// One asking, and those who wait for its outcome.
    private struct Inquiry {
        let number: Int
        let task: Task<Outcome, Never>
        var waiters: [Int: AsyncStream<Outcome>.Continuation] = [:]
    }

    private let lifetimeSeconds: Double?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let find: @Sendable () async throws -> Value
    private var known: (outcome: Outcome, until: ContinuousClock.Instant?)?
    private var inquiry: Inquiry?
    private var serial = 0

    /// So long a failure is remembered.
    private let failureSeconds = 20.0

    /// - Parameters:
    ///   - lifetimeSeconds: how long a value is remembered; nil for as long as the program runs.
    ///   - now: the time.
    ///   - find: finds it out.
    init(
        lifetimeSeconds: Double? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        find: @escaping @Sendable () async throws -> Value
    ) {
        self.lifetimeSeconds = lifetimeSeconds
        self.now = now
        self.find = find
    }

    /// The value, remembered or found out.
    ///
    /// - Throws: why it could not be found out; `CancellationError` at once where the caller is cancelled, which ends the
    ///   search only where nobody else waits for it.
    func value() async throws -> Value {
        try Task.checkCancellation()
        if let known, known.until.map({ now() < $0 }) ?? true { return try known.outcome.get() }
        serial += 1
        let waiter = serial
        let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
        var inquiry = inquiry ?? begin()
        inquiry.waiters[waiter] = continuation
        self.inquiry = inquiry
        for await outcome in outcomes { return try outcome.get() }
        await leave(inquiry.number, waiter)
        throw CancellationError()
    }

    /// How many wait at present.
    var waiterCount: Int { inquiry?.waiters.count ?? 0 }

    private func begin() -> Inquiry {
        serial += 1
        let number = serial
        // A task of its own: it belongs to all who wait, and is cancelled and waited for by the last of them.
        let task = Task { [find] in
            let outcome: Outcome
            do { outcome = .success(try await find()) } catch { outcome = .failure(error) }
            self.end(number, outcome)
            return outcome
        }
        return Inquiry(number: number, task: task)
    }

    private func end(_ number: Int, _ outcome: Outcome) {
        guard let inquiry, inquiry.number == number else { return }
        self.inquiry = nil
        switch outcome {
        case .success: known = (outcome, lifetimeSeconds.map { now() + .seconds($0) })
        case .failure(is CancellationError): break
        case .failure: known = (outcome, now() + .seconds(failureSeconds))
        }
        for waiter in inquiry.waiters.values {
            waiter.yield(outcome)
            waiter.finish()
        }
    }

    private func leave(_ number: Int, _ waiter: Int) async {
        guard var inquiry, inquiry.number == number else { return }
        inquiry.waiters[waiter] = nil
        self.inquiry = inquiry
        guard inquiry.waiters.isEmpty else { return }
        self.inquiry = nil
        inquiry.task.cancel()
        _ = await inquiry.task.value
    }
}
