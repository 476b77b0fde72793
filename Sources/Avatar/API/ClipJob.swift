/// A clip that somebody asked the API for.
struct ClipJob: Sendable {
    /// Where it stands.
    enum State: Sendable {
        /// So many are before it.
        case waiting(ahead: Int)
        case running(ClipProgress)
        case done(ClipSession.Made)
        case failed(APIRefusal)

        var isFinal: Bool {
            switch self {
            case .waiting, .running: false
            case .done, .failed: true
            }
        }
    }

    /// Makes the clip.
    typealias Work =
        @Sendable (_ name: String, _ progress: @escaping @Sendable (ClipProgress) -> Void) async throws ->
        ClipSession.Made

    /// What the client calls it, and what its files begin with.
    let id: String
    let work: Work
    var state: State
    /// Ends the work, and says why.
    let cancellation: AsyncStream<APIRefusal>.Continuation
    let cancellations: AsyncStream<APIRefusal>
    /// Those who are told of every change.
    var watchers: [Int: AsyncStream<State>.Continuation] = [:]
    /// When somebody last asked for it.
    var lastSeen: ContinuousClock.Instant

    init(id: String, ahead: Int, now: ContinuousClock.Instant, work: @escaping Work) {
        self.id = id
        self.work = work
        state = .waiting(ahead: ahead)
        lastSeen = now
        (cancellations, cancellation) = AsyncStream.makeStream(of: APIRefusal.self)
    }
}
