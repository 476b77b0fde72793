import CDeflate
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import SiteGen

/// A folder of files in the system's temporary folder, removed when its owner goes.
final class SiteFixture: Sendable {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/voxsite-serve-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let file = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
    }

    /// Sets a modification time well in the past.
    func age(_ path: String, secondsSince1970: Int) throws {
        let date = Date(timeIntervalSince1970: Double(secondsSince1970))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: root + "/" + path)
    }

    static func gzip(_ text: String) -> [UInt8] {
        let compressor = libdeflate_alloc_compressor(6)
        defer { libdeflate_free_compressor(compressor) }
        let bytes = Array(text.utf8)
        var result = [UInt8](repeating: 0, count: libdeflate_gzip_compress_bound(compressor, bytes.count))
        let count = libdeflate_gzip_compress(compressor, bytes, bytes.count, &result, result.count)
        return Array(result[..<count])
    }
}

/// Serves `site` on a free loopback port while `body` runs; then shuts the server down gracefully.
func withServer(
    _ site: SiteFixture,
    live: LiveEvents = LiveEvents(),
    metrics: ServerMetrics = ServerMetrics(),
    clock: any Clock<Duration> = ContinuousClock(),
    configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @concurrent @Sendable (Int) async throws -> Void
) async throws {
    var configuration = ServerConfiguration(siteRoot: site.root, port: 0)
    configure(&configuration)
    let (addresses, announce) = AsyncStream<String>.makeStream()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = SiteServer(
        configuration: configuration,
        live: live,
        metrics: metrics,
        logger: logger,
        clock: clock
    ) { announce.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        let port = try #require(Int(address.dropLast().split(separator: ":").last ?? ""))
        do {
            // A thread of its own for a client that blocks: the shared ones belong to the server.
            let client = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let result: Result<Void, any Error>
            do {
                try await withTaskExecutorPreference(EventLoopExecutor(client.next())) {
                    try await body(port)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await client.shutdownGracefully()
            try result.get()
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
