/// Over what a host is talked to.
public enum ChannelPreference: Sendable, Hashable {
    /// SFTP for bulk data and commands for the rest, or whichever of them answers.
    case auto
    /// SFTP alone: nothing is run on the host.
    case sftp
    /// Commands over ssh alone.
    case exec
}

/// A transport that chose among several ways, and says which it took.
public protocol ChannelDescribing: Transport {
    /// For people: `sftp for data, ssh commands for the rest`.
    var channelDescription: String { get }
}

extension Transport {
    /// Over what it goes, for people; its place where there was no choice.
    public var channelDescription: String {
        (self as? any ChannelDescribing)?.channelDescription ?? displayName
    }
}
