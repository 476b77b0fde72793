public import Files

/// What carrying one append file once gave.
public struct AppendOutcome: Sendable, Hashable {
    /// New bytes that are now at the destination, durably.
    public var carriedByteCount: Int
    /// Bytes that were read again and found equal on both sides.
    public var equalByteCount: Int
    /// Why the file began a new generation, in words; nil where it simply grew or stayed.
    public var newGenerationReason: String?

    /// - Parameters:
    ///   - carriedByteCount: new bytes at the destination.
    ///   - equalByteCount: bytes compared and found equal.
    ///   - newGenerationReason: why a new generation began.
    public init(carriedByteCount: Int, equalByteCount: Int = 0, newGenerationReason: String? = nil) {
        self.carriedByteCount = carriedByteCount
        self.equalByteCount = equalByteCount
        self.newGenerationReason = newGenerationReason
    }
}

/// Carries files that grow at their end from one source to one destination, never overwriting what arrived.
///
/// The seam between a sync, which decides what to carry, and the engine that knows generations and the
/// journal.
public protocol AppendCarrier: Sendable {
    /// Carries what a file has gained.
    ///
    /// - Parameters:
    ///   - path: below the source's root.
    ///   - status: what the source told about it last.
    /// - Returns: what was carried.
    /// - Throws: ``CollectorError``, `CancellationError`.
    func carry(_ path: RelativePath, status: FileStatus) async throws -> AppendOutcome
}
