import CCurl
import Synchronization

/// One libcurl handle with one connection, on a thread of its own.
actor CurlConnection {
    /// Makes the handle when it is first needed, with everything that holds for all its transfers.
    typealias HandleMaker = @Sendable () throws -> CurlHandle

    private let executor = CurlExecutor()
    private let timeouts: TransferTimeouts
    private let peer: String
    private let makeHandle: HandleMaker
    private var handle: CurlHandle?
    private var isClosed = false
    /// Of the handle once there is one, for ``cut()``.
    private let sockets = Mutex<CurlSockets?>(nil)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - peer: the host in messages.
    ///   - timeouts: for each transfer.
    ///   - makeHandle: makes the handle when it is first needed.
    init(peer: String, timeouts: TransferTimeouts, makeHandle: @escaping HandleMaker) {
        self.peer = peer
        self.timeouts = timeouts
        self.makeHandle = makeHandle
    }

    /// Runs a transfer to its end and blocks this actor's thread meanwhile.
    ///
    /// - Parameters:
    ///   - request: what to fetch.
    ///   - cancellation: ends it from another thread.
    ///   - verdict: decides about the body when its first bytes come.
    ///   - sink: gets the bytes.
    /// - Returns: how it ended, be it well or badly.
    /// - Throws: `CancellationError`, what `verdict` and `sink` throw, and ``CollectorError`` for a peer that fell
    ///   silent.
    func perform(
        _ request: CurlRequest,
        cancellation: CurlCancellation,
        verdict: @escaping CurlTransfer.Verdict,
        sink: @escaping ByteSink
    ) throws -> CurlOutcome {
        let transfer = CurlTransfer(
            request,
            timeouts: timeouts,
            cancellation: cancellation,
            verdict: verdict,
            sink: sink
        )
        let outcome = try run(transfer, request, cancellation)
        if cancellation.isCancelled { throw CancellationError() }
        if let failure = transfer.failure { throw failure }
        if transfer.hasFallenSilent {
            throw transfer.isConnected
                ? CollectorError.timeout(request.what, seconds: timeouts.silenceSeconds)
                : CollectorError.connectTimeout(host: peer, seconds: timeouts.connectSeconds)
        }
        return outcome
    }

    private func run(
        _ transfer: CurlTransfer,
        _ request: CurlRequest,
        _ cancellation: CurlCancellation
    ) throws -> CurlOutcome {
        if !isClosed, handle == nil {
            let made = try makeHandle()
            let open = made.sockets
            sockets.withLock { $0 = open }
            handle = consume made
        }
        if let sockets = handle?.sockets { try cancellation.begin(sockets) }
        defer { cancellation.end() }
        guard let outcome = try handle?.run(transfer, request) else {
            throw CollectorError.stream(request.what, reason: "the transport has been closed")
        }
        return outcome
    }

    /// Ends what the connection is doing now, from any thread.
    nonisolated func cut() { sockets.withLock { $0?.cut() } }

    /// Ends the connection; transfers that come later fail.
    func close() {
        isClosed = true
        handle = nil
    }
}
