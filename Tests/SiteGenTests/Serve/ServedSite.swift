import CDeflate
import Glibc
import Logging
import ServiceLifecycle
import Testing

@testable import SiteGen

/// A folder of files in the system's temporary folder, removed when its owner goes.
final class SiteFixture: Sendable {
    let root: String

    init() throws {
        var template = Array("/tmp/voxsite-serve-XXXXXX\0".utf8CString.dropLast())
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress) != nil }
        try #require(made)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = nftw(root, { path, _, _, _ in path.map { remove($0) } ?? 0 }, 16, Int32(FTW_DEPTH | FTW_PHYS))
    }

    func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        var folder = root
        for component in path.split(separator: "/").dropLast() {
            folder += "/\(component)"
            mkdir(folder, 0o755)
        }
        let file = try #require(fopen("\(root)/\(path)", "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }

    /// Sets a modification time well in the past.
    func age(_ path: String, secondsSince1970: Int) {
        let time = timespec(tv_sec: secondsSince1970, tv_nsec: 0)
        utimensat(AT_FDCWD, "\(root)/\(path)", [time, time], 0)
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
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    var configuration = ServerConfiguration(siteRoot: site.root, port: 0)
    configure(&configuration)
    let (addresses, announce) = AsyncStream<String>.makeStream()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = SiteServer(
        configuration: configuration, live: live, metrics: metrics, logger: logger, clock: clock
    ) { announce.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        let port = try #require(Int(address.dropLast().split(separator: ":").last ?? ""))
        do {
            try await body(port)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
