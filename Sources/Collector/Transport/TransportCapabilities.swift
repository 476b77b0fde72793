/// What one end of a transfer can do, so that engines ask before they try.
///
/// Reading a range of a file whose name is known is what every transport can; all else is declared.
public struct TransportCapabilities: OptionSet, Sendable, Hashable {
    /// The raw bits.
    public let rawValue: UInt32

    /// Makes a set from its bits.
    ///
    /// - Parameter rawValue: the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Lists folders.
    public static let list = TransportCapabilities(rawValue: 1 << 0)
    /// Tells inode numbers, so that a rotated file is recognised at once.
    public static let inode = TransportCapabilities(rawValue: 1 << 1)
    /// Tells times finer than a second, so that two writes within one second differ.
    public static let fineTimes = TransportCapabilities(rawValue: 1 << 2)
    /// Computes SHA-256 where the file is, without carrying it here.
    public static let hash = TransportCapabilities(rawValue: 1 << 3)
    /// Takes writes: it can be a destination.
    public static let write = TransportCapabilities(rawValue: 1 << 4)
    /// Looks at many files for the price of one round trip.
    public static let batchStatus = TransportCapabilities(rawValue: 1 << 5)
    /// Computes the checksum of `cksum` where the file is.
    public static let checksum = TransportCapabilities(rawValue: 1 << 7)
    /// Lies in this machine's own file system: inotify sees its changes.
    public static let local = TransportCapabilities(rawValue: 1 << 6)
}
