/// How fast a run goes and how long it usually is between two lines, from its recent lines alone.
struct PaceTracker: Sendable {
    /// Lines that count as recent.
    static let window = 128

    private var times = RingBuffer<Double>(capacity: window)
    private var advances = RingBuffer<Advance>(capacity: window)
    private var lastTime = Double.nan
    private var lastAdvance: (x: Double, time: Double)?
    private(set) var firstTime: Double?

    private struct Advance: Sendable {
        let steps: Double
        let seconds: Double
    }

    /// Notes a line of any kind at a time in seconds since 1970.
    mutating func noteLine(time: Double) {
        guard time.isFinite else { return }
        if firstTime == nil { firstTime = time }
        // Several lines at one time are one report: the gap is the one between reports.
        if lastTime.isFinite, time > lastTime { times.append(time - lastTime) }
        lastTime = time
    }

    /// Notes a row that reached `x` at `time`.
    ///
    /// Steps at one time count once the time goes on, since clocks of whole seconds show it late.
    mutating func noteRow(x: Double, time: Double) {
        guard time.isFinite, x.isFinite else { return }
        guard let last = lastAdvance else {
            lastAdvance = (x, time)
            return
        }
        if x < last.x {
            // A restart: what came before says nothing about the new attempt.
            advances.removeAll()
            lastAdvance = (x, time)
        } else if time < last.time {
            // A clock that was set back.
            lastAdvance = (x, time)
        } else if x > last.x, time > last.time {
            advances.append(Advance(steps: x - last.x, seconds: time - last.time))
            lastAdvance = (x, time)
        }
    }

    /// The newest time noted.
    var newestTime: Double? { lastTime.isFinite ? lastTime : nil }

    /// The median gap between recent lines or groups of lines at one time, in seconds.
    var medianGapSeconds: Double? { Self.median(times.elements) }

    /// Steps per second: the recent steps by the time they took, pauses left out.
    ///
    /// A pause is a gap of more than ten times the median; a checkpoint or an evaluation that recurs is not.
    var stepsPerSecond: Double? {
        let recent = advances.elements
        guard recent.count >= 2, let median = Self.median(recent.map { $0.seconds / $0.steps }) else {
            return nil
        }
        let steady = recent.filter { $0.seconds / $0.steps <= 10 * median }
        let seconds = steady.reduce(0) { $0 + $1.seconds }
        guard seconds > 0 else { return nil }
        return steady.reduce(0) { $0 + $1.steps } / seconds
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// The newest elements of a sequence.
struct RingBuffer<Element: Sendable>: Sendable {
    private var storage: [Element] = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(_ element: Element) {
        if storage.count < capacity {
            storage.append(element)
        } else {
            storage[next] = element
            next = (next + 1) % capacity
        }
    }

    mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        next = 0
    }

    /// Oldest first.
    var elements: [Element] { Array(storage[next...] + storage[..<next]) }
}
