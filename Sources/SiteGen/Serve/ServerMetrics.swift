import Synchronization

/// What the server and the builder count, in Prometheus' text format 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public final class ServerMetrics: Sendable {
    private struct Values: Sendable {
        /// Rows GET, HEAD, other; columns 1xx…5xx.
        var requests = [Int](repeating: 0, count: 15)
        var bytesSent = 0
        var inFlight = 0
        var buildsSucceeded = 0
        var buildsFailed = 0
        var lastBuildSeconds: Double?
        var lastSuccessTime: Double?
        var runsByStatus: [String: Int] = [:]
    }

    private let values = Mutex(Values())

    /// Creates counters that stand at zero.
    public init() {}

    /// Counts a build.
    ///
    /// - Parameters:
    ///   - durationSeconds: how long it took.
    ///   - succeeded: whether the site was published.
    ///   - time: when it ended, in seconds since 1970.
    ///   - runsByStatus: how many runs are `running`, `silent`, …; nil where it is not known.
    public func recordBuild(
        durationSeconds: Double,
        succeeded: Bool,
        time: Double,
        runsByStatus: [String: Int]? = nil
    ) {
        values.withLock { values in
            values.lastBuildSeconds = durationSeconds
            if succeeded {
                values.buildsSucceeded += 1
                values.lastSuccessTime = time
            } else {
                values.buildsFailed += 1
            }
            if let runsByStatus { values.runsByStatus = runsByStatus }
        }
    }

    func requestStarted() { values.withLock { $0.inFlight += 1 } }

    func requestFinished() { values.withLock { $0.inFlight -= 1 } }

    /// Counts an answer whose header is about to be sent.
    func answered(method: String, status: Int, bytes: Int) {
        let row = method == "GET" ? 0 : method == "HEAD" ? 1 : 2
        let column = min(max(status / 100, 1), 5) - 1
        values.withLock { values in
            values.requests[row * 5 + column] += 1
            values.bytesSent += bytes
        }
    }

    func sent(bytes: Int) { values.withLock { $0.bytesSent += bytes } }

    /// All metrics as text.
    ///
    /// - Parameter eventClients: the number of open event streams.
    /// - Returns: the page that Prometheus reads.
    func text(eventClients: Int) -> String {
        let values = values.withLock { $0 }
        var text = ""
        func metric(
            _ name: String,
            _ type: String,
            _ help: String,
            _ samples: [(labels: String, value: String)]
        ) {
            guard !samples.isEmpty else { return }
            text += "# HELP voxsite_\(name) \(help)\n# TYPE voxsite_\(name) \(type)\n"
            for sample in samples { text += "voxsite_\(name)\(sample.labels) \(sample.value)\n" }
        }
        var requests: [(String, String)] = []
        for (row, method) in ["GET", "HEAD", "other"].enumerated() {
            for column in 0..<5 where values.requests[row * 5 + column] > 0 {
                let labels = "{method=\"\(method)\",status=\"\(column + 1)xx\"}"
                requests.append((labels, "\(values.requests[row * 5 + column])"))
            }
        }
        metric(
            "http_requests_total",
            "counter",
            "Requests answered, by method and class of status.",
            requests
        )
        metric(
            "http_sent_bytes_total",
            "counter",
            "Bytes of response bodies, as announced, and of events.",
            [("", "\(values.bytesSent)")]
        )
        metric(
            "http_requests_in_flight",
            "gauge",
            "Requests being answered now.",
            [("", "\(values.inFlight)")]
        )
        metric("event_clients", "gauge", "Pages that listen for changes.", [("", "\(eventClients)")])
        metric(
            "builds_total",
            "counter",
            "Builds of the site, by result.",
            [
                ("{result=\"failed\"}", "\(values.buildsFailed)"),
                ("{result=\"succeeded\"}", "\(values.buildsSucceeded)"),
            ]
        )
        metric(
            "last_build_duration_seconds",
            "gauge",
            "How long the newest build took.",
            values.lastBuildSeconds.map { [("", "\($0)")] } ?? []
        )
        metric(
            "last_successful_build_timestamp_seconds",
            "gauge",
            "When the newest good build ended, since 1970.",
            values.lastSuccessTime.map { [("", "\($0)")] } ?? []
        )
        metric(
            "runs",
            "gauge",
            "Runs of the site, by status.",
            values.runsByStatus.sorted { $0.key < $1.key }
                .map { ("{status=\(JSONText.string($0.key))}", "\($0.value)") }
        )
        return text
    }
}
