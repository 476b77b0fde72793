/// The connections of one transport: one for everything small, and a second one for long reads once there are
/// any, so that a checkpoint of gigabytes does not hold up the tail of a log.
///
/// Each lets one transfer through at a time.
final class CurlConnections: Sendable {
    /// A longer read goes over the second connection.
    static let longReadBytes = 8 << 20

    /// The host in messages.
    let peer: String
    /// How long a transfer may be silent.
    let timeouts: TransferTimeouts

    private let bytesPerSecond: Int?
    private let small: Lane
    private let long: Lane

    private struct Lane: Sendable {
        let queue = TransferQueue()
        let connection: CurlConnection
    }

    /// - Parameters:
    ///   - peer: the host in messages.
    ///   - timeouts: for each transfer.
    ///   - bytesPerSecond: for both connections together; nil for as fast as it goes.
    ///   - makeHandle: makes the handle of each connection when it is first needed.
    init(
        peer: String,
        timeouts: TransferTimeouts,
        bytesPerSecond: Int?,
        makeHandle: @escaping CurlConnection.HandleMaker
    ) {
        self.peer = peer
        self.timeouts = timeouts
        self.bytesPerSecond = bytesPerSecond
        small = Lane(connection: CurlConnection(peer: peer, timeouts: timeouts, makeHandle: makeHandle))
        long = Lane(connection: CurlConnection(peer: peer, timeouts: timeouts, makeHandle: makeHandle))
    }

    /// How much a handle receives at once: less where the speed is bounded, since bytes come in such portions
    /// and a peer between two of them must not seem silent.
    static func bufferSize(bytesPerSecond: Int?) -> Int {
        let largest = 2 << 20
        return bytesPerSecond.map { min(largest, max(16 << 10, $0 / 4)) } ?? largest
    }

    /// Runs a transfer when its turn has come.
    ///
    /// - Parameters:
    ///   - request: what to fetch.
    ///   - isLong: whether it goes over the second connection.
    ///   - verdict: decides about the body when its first bytes come.
    ///   - sink: gets the bytes.
    /// - Returns: how it ended, be it well or badly.
    /// - Throws: `CancellationError`, what `verdict` and `sink` throw, and ``CollectorError`` for a peer that fell
    ///   silent.
    func perform(
        _ request: CurlRequest,
        isLong: Bool = false,
        verdict: @escaping CurlTransfer.Verdict = { _ in .take },
        sink: @escaping ByteSink = { _ in }
    ) async throws -> CurlOutcome {
        let lane = isLong ? long : small
        let cancellation = CurlCancellation()
        return try await lane.queue.run {
            var request = request
            request.bytesPerSecond = share(isLong: isLong)
            return try await withTaskCancellationHandler {
                try await lane.connection.perform(
                    request,
                    cancellation: cancellation,
                    verdict: verdict,
                    sink: sink
                )
            } onCancel: {
                cancellation.cancel()
            }
        }
    }

    /// The part of the allowed speed for one transfer: both lanes together stay within it.
    private func share(isLong: Bool) -> Int? {
        guard let bytesPerSecond else { return nil }
        let reserve = max(1, bytesPerSecond / 8)
        if isLong { return max(1, bytesPerSecond - reserve) }
        return long.queue.isBusy ? reserve : bytesPerSecond
    }

    /// The error for a transfer that failed; nil for one that went well or was ended on purpose.
    func error(for outcome: CurlOutcome, what: String) -> CollectorError? {
        CurlFailure.error(for: outcome, peer: peer, what: what, timeouts: timeouts)
    }

    /// Ends the connections; running transfers fail.
    func close() async {
        for lane in [small, long] {
            lane.connection.cut()
            await lane.connection.close()
        }
    }
}
