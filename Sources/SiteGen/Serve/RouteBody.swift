import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// The body of a request that a ``RouteProvider`` answers: read once, or given up.
final class RouteBody: Sendable {
    private let body: RequestBody
    private let isTaken = Mutex(false)

    init(_ body: RequestBody) { self.body = body }

    /// Reads all of it.
    ///
    /// - Parameters:
    ///   - length: what the client says it is long.
    ///   - limitBytes: a longer one is refused, before it is read where its length is known.
    ///   - timeoutSeconds: in all, so that a byte now and then does not hold the connection.
    /// - Returns: its bytes.
    /// - Throws: ``RouteRequest/BodyFailure``, `CancellationError`.
    func read(
        length: String?,
        limitBytes: Int,
        timeoutSeconds: Double
    ) async throws -> [UInt8] {
        if let length, Int(length) ?? .max > limitBytes { throw RouteRequest.BodyFailure.tooLong }
        guard take() else { throw RouteRequest.BodyFailure.brokenOff }
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await self.collect(limitBytes) }
            group.addTask {
                try await Task.sleep(for: .seconds(timeoutSeconds))
                throw RouteRequest.BodyFailure.tooSlow
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { throw CancellationError() }
            return bytes
        }
    }

    /// Gives up what nobody has read: whoever fills the stream waits, deaf to cancellation, until somebody takes what
    /// came or says that nobody will.
    func abandon() async {
        guard take() else { return }
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { [body] in do { for try await _ in body {} } catch {} }
        }
    }

    /// Whether the caller is the first; a stream can be read only once.
    private func take() -> Bool {
        isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
    }

    private func collect(_ limitBytes: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= limitBytes else {
                    throw RouteRequest.BodyFailure.tooLong
                }
                bytes += buffer.readableBytesView
            }
        } catch let failure as RouteRequest.BodyFailure {
            throw failure
        } catch {
            try Task.checkCancellation()
            throw RouteRequest.BodyFailure.brokenOff
        }
        return bytes
    }
}
