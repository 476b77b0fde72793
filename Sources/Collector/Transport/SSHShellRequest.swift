import Synchronization

/// One command on its way through a shell session, and who waits for its answer.
final class SSHShellRequest: Sendable {
    private enum State {
        case waiting([CheckedContinuation<SSHAnswer, any Error>])
        case done(Result<SSHAnswer, any Error>)
    }

    /// Marks its answer; nobody can guess it.
    let token: String
    /// The command, ready to be sent.
    let bytes: [UInt8]
    /// The most bytes of output that are taken.
    let limit: Int
    private let state = Mutex(State.waiting([]))

    init(_ words: [String], limit: Int, prefix: String = "") {
        let token = Self.makeToken()
        self.token = token
        bytes = Array((prefix + "v \(token) " + SSHRemoteScript.line(words) + "\n").utf8)
        self.limit = limit
    }

    /// 128 random bits.
    static func makeToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The answer, once it is there.
    ///
    /// A caller that is cancelled gets its error at once; the session reads the answer to its end anyway.
    var answer: SSHAnswer {
        get async throws {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let result = state.withLock { state -> Result<SSHAnswer, any Error>? in
                        switch state {
                        case .done(let result): return result
                        case .waiting(let others):
                            state = .waiting(others + [continuation])
                            return nil
                        }
                    }
                    if let result { continuation.resume(with: result) }
                }
            } onCancel: {
                finish(.failure(CancellationError()))
            }
        }
    }

    /// Ends the wait; only the first end counts.
    func finish(_ result: Result<SSHAnswer, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<SSHAnswer, any Error>] in
            guard case .waiting(let continuations) = state else { return [] }
            state = .done(result)
            return continuations
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
