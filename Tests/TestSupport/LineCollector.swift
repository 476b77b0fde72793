import Dispatch
import Foundation
import Synchronization

/// Gathers what comes out of a pipe, in lines, and wakes those who wait for one.
final class LineCollector: Sendable {
    fileprivate struct State {
        var lines: [String] = []
        var partial: [UInt8] = []
        var isFinished = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())
    private let descriptor: Int32
    // Sources may be used from any thread, but Dispatch does not say so of this type on Linux.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// Reads from the pipe's end `descriptor`, and closes it.
    ///
    /// The source closes it once nothing watches it any more. A `FileHandle` with a handler closes it at once, while
    /// libdispatch may still wait for it, and crashes the process now and then.
    init(reading descriptor: Int32) {
        self.descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in
            guard let self, self.readAvailable() else { return }
            self.source.cancel()
        }
        source.activate()
    }

    deinit { source.cancel() }

    var lines: [String] { state.withLock { $0.lines } }

    func first(containing text: String, seconds: Double) async throws -> String {
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        state.withLock { $0.waiting.append(continuation) }
        continuation.yield()
        let found = await withDeadline(seconds: seconds) { [self] () -> String? in
            for await _ in changes {
                let (line, isFinished) = state.withLock { state in
                    (state.lines.first { $0.contains(text) }, state.isFinished)
                }
                if line != nil || isFinished { return line }
            }
            return nil
        }
        guard let found else { throw ChildProcessError.noSuchLine(text, lines: lines) }
        return found
    }

    /// Takes what is in the pipe right now; after the writer's end that is all it wrote.
    ///
    /// The handler alone would not do: it runs some time after the bytes came, and is not always called for the end.
    ///
    /// - Returns: whether the output has ended.
    @discardableResult func readAvailable() -> Bool {
        let (isFinished, waiting) = state.withLock { state in
            while !state.isFinished, let bytes = nextBytes() { state.take(bytes) }
            return (state.isFinished, state.waiting)
        }
        for continuation in waiting { continuation.yield() }
        return isFinished
    }

    /// The next bytes of the pipe without waiting for any: none at its end, nil where there are none yet.
    private func nextBytes() -> [UInt8]? {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 0) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}

extension LineCollector.State {
    fileprivate mutating func take(_ bytes: [UInt8]) {
        partial += bytes
        while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: partial[..<end], as: UTF8.self))
            partial.removeSubrange(...end)
        }
        guard bytes.isEmpty else { return }
        if !partial.isEmpty {
            lines.append(String(decoding: partial, as: UTF8.self))
            partial = []
        }
        isFinished = true
    }
}
