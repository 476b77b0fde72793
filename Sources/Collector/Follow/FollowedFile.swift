import Files

/// What a follower knows of one append file.
struct FollowedFile: Sendable {
    let path: RelativePath
    let target: RelativePath
    /// The run it belongs to: the first name of its path at the destination.
    let runID: String
    var memory = TailMemory()
    var pace: PollPace
    var backoff = Backoff()
    /// What the last poll gave; nil before the first.
    var outcome: TailOutcome?
    var isVanished = false
    /// Whether the last listing did not have it.
    var isAbsent = false
    /// Why it cannot be carried now.
    var problem: CollectorError?
    /// When bytes last arrived, in seconds since 1970.
    var newestData: Double?
    /// When the first byte that is not at the destination was seen.
    private(set) var lagStart: Duration?
    private(set) var lagByteCount = 0

    init(path: RelativePath, target: RelativePath, pace: PollPace) {
        self.path = path
        self.target = target
        self.pace = pace
        let first = target.components.first.map(String.init) ?? target.string
        // A log lying there by itself is a run, too; its id is its name without the ending.
        let dot = target.parent == nil ? first.lastIndex(of: ".") : nil
        runID = dot.map { String(first[..<$0]) } ?? first
    }

    mutating func noteLag(_ byteCount: Int, at now: Duration) {
        lagByteCount = byteCount
        lagStart = byteCount > 0 ? lagStart ?? now : nil
    }

    func lag(at now: Duration) -> LagReport {
        LagReport(byteCount: lagByteCount, seconds: lagStart.map { max(0, (now - $0).inSeconds) } ?? 0)
    }
}

extension Duration {
    /// The same as a number of seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
