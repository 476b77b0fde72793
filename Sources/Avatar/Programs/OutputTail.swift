import Subprocess

/// The end of what a program writes; what comes before is let go.
struct OutputTail {
    private var bytes: [UInt8] = []
    private static let limit = 64 << 10

    /// Adds what came next.
    mutating func append(_ piece: [UInt8]) {
        bytes += piece
        if bytes.count > 2 * Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
    }

    /// At most 64 KiB.
    var text: String { String(decoding: bytes.suffix(Self.limit), as: UTF8.self) }

    /// Reads a stream to its end.
    ///
    /// - Parameters:
    ///   - stream: of a program.
    ///   - observe: gets every piece as it comes.
    /// - Returns: the end of it.
    static func read(
        _ stream: SubprocessOutputSequence,
        _ observe: @Sendable ([UInt8]) -> Void = { _ in }
    ) async -> String {
        var tail = OutputTail()
        do {
            for try await buffer in stream {
                let piece = buffer.withUnsafeBytes { Array($0) }
                tail.append(piece)
                observe(piece)
            }
        } catch {
            // What came before is all there is to tell.
        }
        return tail.text
    }
}
