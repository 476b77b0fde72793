public import Files

/// What happens while files are followed.
public enum FollowEvent: Sendable, Equatable {
    /// A host answers, by this channel.
    case connected(host: String, channel: String)
    /// A host does not answer; when it is tried again, nil where only a person can help.
    case disconnected(host: String, error: CollectorError, retryAfter: Duration?)
    /// A new file is followed.
    case discovered(host: String, path: RelativePath)
    /// Bytes arrived.
    case carried(host: String, path: RelativePath, byteCount: Int)
    /// A file began anew; what was collected of it is kept as an earlier generation.
    case generation(host: String, path: RelativePath, reason: String)
    /// A file is gone at its source; what was collected of it is kept.
    case vanished(host: String, path: RelativePath)
    /// A file or name that cannot be carried now; it is told once until the reason changes.
    case problem(host: String, error: CollectorError)
    /// Something about the destination, for the user to read.
    case note(String)
}

/// What a follower did until it was ended.
public struct FollowSummary: Sendable, Equatable {
    /// Bytes that arrived.
    public var carriedByteCount = 0
    /// Files that are followed.
    public var fileCount = 0
    /// Bytes at the sources that did not arrive, as far as is known.
    public var lagByteCount = 0
    /// Whether every host was looked at once more after the end was asked for.
    public var isComplete = true
    /// Problems that stood at the end.
    public var problems: [CollectorError] = []
}

/// How far a collected file is behind its source.
public struct LagReport: Sendable, Hashable {
    /// Bytes that the source has and the destination has not.
    public var byteCount = 0
    /// How long ago the first of them was seen, in seconds.
    public var seconds = 0.0
}
