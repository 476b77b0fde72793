import HTTPTypes
import Hummingbird
import NIOCore

/// Holds a streamed answer to the length it promised.
///
/// A file cut short while it is sent would leave the client waiting for the rest on a connection that stays
/// open; failing closes it.
struct CountingWriter: ResponseBodyWriter {
    struct LengthMismatch: Error {}

    var base: any ResponseBodyWriter
    let expected: Int
    private var count = 0

    init(base: any ResponseBodyWriter, expected: Int) {
        self.base = base
        self.expected = expected
    }

    @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
        count += buffer.readableBytes
        guard count <= expected else { throw LengthMismatch() }
        try await base.write(buffer)
    }

    @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        guard count == expected else { throw LengthMismatch() }
        try await base.finish(trailingHeaders)
    }
}
