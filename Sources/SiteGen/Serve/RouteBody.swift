import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body of a request that a ``RouteProvider`` answers.
enum RouteBody {
    /// Reads all of it.
    ///
    /// - Parameters:
    ///   - body: of the request.
    ///   - length: what the client says it is long.
    ///   - limitBytes: a longer one is refused, before it is read where its length is known.
    ///   - timeoutSeconds: in all, so that a byte now and then does not hold the connection.
    /// - Returns: its bytes.
    /// - Throws: ``RouteRequest/BodyFailure``, `CancellationError`.
    static func read(
        _ body: RequestBody,
        length: String?,
        limitBytes: Int,
        timeoutSeconds: Double
    ) async throws -> [UInt8] {
        if let length, Int(length) ?? .max > limitBytes { throw RouteRequest.BodyFailure.tooLong }
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await collect(body, limitBytes) }
            group.addTask {
                try await Task.sleep(for: .seconds(timeoutSeconds))
                throw RouteRequest.BodyFailure.tooSlow
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { throw CancellationError() }
            return bytes
        }
    }

    private static func collect(_ body: RequestBody, _ limitBytes: Int) async throws -> [UInt8] {
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
