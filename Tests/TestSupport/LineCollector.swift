import Foundation
import Synchronization

/// Gathers what comes out of a pipe, in lines, and wakes those who wait for one.
final class LineCollector: Sendable {
    private struct State {
        var lines: [String] = []
        var partial: [UInt8] = []
        var isFinished = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        handle.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
    }

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

    private func take(_ data: Data) {
        let waiting = state.withLock { state in
            state.partial += data
            while let end = state.partial.firstIndex(of: UInt8(ascii: "\n")) {
                state.lines.append(String(decoding: state.partial[..<end], as: UTF8.self))
                state.partial.removeSubrange(...end)
            }
            if data.isEmpty {
                if !state.partial.isEmpty {
                    state.lines.append(String(decoding: state.partial, as: UTF8.self))
                    state.partial = []
                }
                state.isFinished = true
            }
            return state.waiting
        }
        for continuation in waiting { continuation.yield() }
    }
}
