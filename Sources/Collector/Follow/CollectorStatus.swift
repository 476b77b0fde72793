import RunRecords

/// The collector's own health, as the dashboard reads it: `collector/status.json` beside the run folders.
///
/// The format is described in docs/collector-status.md.
struct CollectorStatus: Sendable, Hashable {
    struct Host: Sendable, Hashable {
        var name: String
        var channel = ""
        var isReachable = false
        /// Since when that is so, in seconds since 1970.
        var since: Double?
        /// When the last pass over its files came to its end.
        var lastSuccess: Double?
        /// Why it is not reachable, or why a file of it cannot be carried.
        var error: String?
        /// How often it was tried in vain since it was reachable.
        var attempts = 0
        var fileCount = 0
        var lag = LagReport()
    }

    struct Run: Sendable, Hashable {
        var id: String
        var host: String
        /// When bytes last arrived, in seconds since 1970.
        var newestData: Double?
        var lag = LagReport()
        var fileCount = 0
        var generationCount = 0
        var vanishedCount = 0
    }

    var time: Double
    /// How often the file is written at least, in seconds.
    var interval: Double
    var hosts: [Host]
    var runs: [Run]
    /// Whether the collector was ended in an orderly way, so that its silence is no alarm.
    var isStopped = false

    /// The file's text.
    func encoded() -> [UInt8] {
        var text = StatusText()
        text.object { text in
            text.number("schema", 1)
            text.number("time", time)
            text.number("interval", interval)
            if isStopped { text.flag("stopped", true) }
            text.array("hosts", hosts) { host, text in host.encode(to: &text) }
            text.array("runs", runs) { run, text in run.encode(to: &text) }
        }
        return text.bytes + [UInt8(ascii: "\n")]
    }
}

extension CollectorStatus.Host {
    /// Whether a reader would want to know of the change at once: ages and times alone are no change.
    func isSame(as other: Self) -> Bool {
        var (mine, theirs) = (self, other)
        (mine.lastSuccess, theirs.lastSuccess, mine.lag.seconds, theirs.lag.seconds) = (nil, nil, 0, 0)
        return mine == theirs
    }

    fileprivate func encode(to text: inout StatusText) {
        text.string("name", name)
        text.string("channel", channel)
        text.flag("reachable", isReachable)
        text.number("since", since)
        text.number("last_success", lastSuccess)
        text.string("error", error)
        text.number("attempts", Double(attempts))
        text.number("files", Double(fileCount))
        text.number("lag_bytes", Double(lag.byteCount))
        text.number("lag_seconds", lag.seconds)
    }
}

extension CollectorStatus.Run {
    /// Whether a reader would want to know of the change at once: ages alone are no change.
    func isSame(as other: Self) -> Bool {
        var (mine, theirs) = (self, other)
        (mine.lag.seconds, theirs.lag.seconds) = (0, 0)
        return mine == theirs
    }

    fileprivate func encode(to text: inout StatusText) {
        text.string("id", id)
        text.string("host", host)
        text.number("newest_data", newestData)
        text.number("lag_bytes", Double(lag.byteCount))
        text.number("lag_seconds", lag.seconds)
        text.number("files", Double(fileCount))
        text.number("generations", Double(generationCount))
        text.number("vanished", Double(vanishedCount))
    }
}

/// JSON text with its members in the order they are written.
private struct StatusText {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    mutating func object(_ body: (inout StatusText) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    mutating func array<Element>(
        _ key: String,
        _ elements: [Element],
        _ body: (Element, inout StatusText) -> Void
    ) {
        self.key(key)
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            object { body(element, &$0) }
        }
        bytes.append(UInt8(ascii: "]"))
        isFirst = false
    }

    mutating func string(_ key: String, _ value: String?) {
        self.key(key)
        guard let value else { return null() }
        JSONStringText.append(value, markupSafe: true, to: &bytes)
    }

    /// To the millisecond: more would be noise.
    mutating func number(_ key: String, _ value: Double?) {
        self.key(key)
        guard let value, value.isFinite else { return null() }
        NumberText.append((value * 1_000).rounded() / 1_000, to: &bytes)
    }

    mutating func flag(_ key: String, _ value: Bool) {
        self.key(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    private mutating func null() { bytes.append(contentsOf: "null".utf8) }

    private mutating func key(_ key: String) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        JSONStringText.append(key, markupSafe: true, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}
