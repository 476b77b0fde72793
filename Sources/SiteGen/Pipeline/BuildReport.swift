/// What one build did.
public struct BuildReport: Sendable, Equatable {
    /// Runs on the site.
    public var runCount = 0
    /// Ids of the runs that were drawn anew.
    public var rendered: [String] = []
    /// Lines that could not be read, over all runs.
    public var badLineCount = 0
    /// Sentences a user should read: media that is missing, logs that cannot be read.
    public var warnings: [String] = []
    /// Files of the site whose bytes changed, sorted; compressed twins are not listed.
    public var changedPaths: [String] = []
    /// Bytes written, twins included.
    public var bytesWritten = 0
    /// How long reading and drawing took.
    public var renderSeconds = 0.0
    /// How long publishing took.
    public var publishSeconds = 0.0
    /// How many runs are in each state, for `/metrics`.
    public var runsByStatus: [String: Int] = [:]
    /// Whether readers switched from one complete version to the next at one moment.
    public var isAtomic = true

    /// How long all of it took.
    public var totalSeconds: Double { renderSeconds + publishSeconds }

    /// One line for scripts.
    public var json: String {
        let bytes = JSONWriter.object { writer in
            writer.member("runs", runCount)
            writer.member(array: "rendered", rendered) { $0.value($1) }
            writer.member(array: "changed", changedPaths) { $0.value($1) }
            writer.member("bad_lines", badLineCount)
            writer.member(array: "warnings", warnings) { $0.value($1) }
            writer.member("bytes_written", bytesWritten)
            writer.member("render_seconds", renderSeconds)
            writer.member("publish_seconds", publishSeconds)
        }
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }
}
