import Synchronization

/// Reads progress from a program's output, and how long each stage takes.
final class StageClock: Sendable {
    private struct State {
        var last: SadTalkerProgress?
        var since: ContinuousClock.Instant
        var timings: [SadTalkerReport.Timing] = []
        /// The unfinished line of each stream.
        var lines: [HostStream: [UInt8]] = [:]
    }

    private static let lineLimit = 4_096

    private let start = ContinuousClock.now
    private let state: Mutex<State>
    private let report: @Sendable (SadTalkerProgress) -> Void

    init(_ report: @escaping @Sendable (SadTalkerProgress) -> Void) {
        state = Mutex(State(since: start))
        self.report = report
    }

    /// How long it has been running.
    var totalSeconds: Double { Self.seconds(start.duration(to: .now)) }

    /// Goes on to a stage, or tells how far the present one is.
    ///
    /// Stages never go back: enhancing prints of faces again.
    func enter(_ progress: SadTalkerProgress) {
        let isNews = state.withLock { state in
            guard progress != state.last else { return false }
            if let last = state.last, last.stage != progress.stage {
                guard Self.order(last.stage) < Self.order(progress.stage) else { return false }
            }
            if state.last?.stage != progress.stage { Self.close(&state) }
            state.last = progress
            return true
        }
        if isNews { report(progress) }
    }

    /// Takes a piece of output.
    func take(_ bytes: [UInt8], from stream: HostStream) {
        let lines = state.withLock { state in
            var line = state.lines[stream] ?? []
            var whole: [String] = []
            for byte in bytes {
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                    if !line.isEmpty { whole.append(String(decoding: line, as: UTF8.self)) }
                    line.removeAll(keepingCapacity: true)
                } else if line.count < Self.lineLimit {
                    line.append(byte)
                }
            }
            state.lines[stream] = line
            return whole
        }
        for line in lines { if let progress = SadTalkerProgress(line: line) { enter(progress) } }
    }

    /// The end: the stages, and how long each took.
    func finish() -> [SadTalkerReport.Timing] {
        state.withLock { state in
            Self.close(&state)
            state.last = nil
            return state.timings
        }
    }

    private static func close(_ state: inout State) {
        let now = ContinuousClock.now
        if let last = state.last {
            state.timings.append(.init(stage: last.stage, seconds: seconds(state.since.duration(to: now))))
        }
        state.since = now
    }

    private static func order(_ stage: SadTalkerProgress.Stage) -> Int {
        SadTalkerProgress.Stage.allCases.firstIndex(of: stage) ?? 0
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
