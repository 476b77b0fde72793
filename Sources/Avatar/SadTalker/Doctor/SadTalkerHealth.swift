/// What SadTalker's doctor found, for a while: an examination loads torch and takes seconds to minutes.
actor SadTalkerHealth {
    typealias Examine = @Sendable () async throws -> SadTalkerExamination

    private struct Finding {
        var problem: String?
        let time: ContinuousClock.Instant
        /// Whether something has happened since that it does not explain.
        var isDoubtful = false
    }

    private let now: @Sendable () -> ContinuousClock.Instant
    private var found: Finding?
    private var isExamining = false

    /// So long a finding is believed.
    private static let believed = Duration.seconds(600)
    /// After so long it is renewed by those who can wait.
    private static let renewed = Duration.seconds(300)

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// Why SadTalker cannot be used; nil where it can.
    ///
    /// The first who asks waits for the examination. Who asks meanwhile is told what was found before, or where there
    /// is no such thing, to ask again.
    func problem(_ examine: Examine) async -> String? {
        if let found, isExamining || isFresh(found, Self.believed) { return found.problem }
        guard !isExamining else { return "it is being examined; ask again in a minute" }
        return await look(examine)
    }

    /// Examines where the last time was some minutes ago.
    func refresh(_ examine: Examine) async {
        if isExamining { return }
        if let found, isFresh(found, Self.renewed) { return }
        _ = await look(examine)
    }

    /// What was healthy a minute ago may not be any more: the next who asks has it examined.
    func doubt() { found?.isDoubtful = true }

    private func isFresh(_ finding: Finding, _ limit: Duration) -> Bool {
        !finding.isDoubtful && now() < finding.time + limit
    }

    private func look(_ examine: Examine) async -> String? {
        isExamining = true
        defer { isExamining = false }
        guard let examination = try? await examine() else {
            return found.map(\.problem) ?? "its examination was cancelled"
        }
        let problem = examination.isHealthy ? nil : examination.reason ?? "it is not healthy"
        found = Finding(problem: problem, time: now())
        return problem
    }
}
