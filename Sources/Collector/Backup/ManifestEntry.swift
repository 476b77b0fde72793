public import Files

/// One line of a manifest about one file.
public struct ManifestEntry: Sendable, Hashable {
    /// What happened to the file.
    public enum Action: String, Sendable, Hashable {
        /// It came whole and is about to get its name: who finds it under that name may believe the level.
        case verified
        /// It is there.
        case stored
        /// It was removed, as newer verified ones are there.
        case pruned
        /// It could not be verified and was put aside.
        case quarantined
        /// It was missing or damaged when it was looked for.
        case lost
    }

    /// Seconds since 1970, by the clock here.
    public var time: Double
    /// What happened.
    public var action: Action
    /// Where it is, below the job's folder.
    public var name: RelativePath
    /// Where it was, below the source's root.
    public var path: RelativePath
    /// The source's root in words.
    public var source: String
    /// Its length.
    public var byteCount: Int
    /// Of its contents.
    public var sha256: SHA256Value
    /// How far it is known to be what the source had.
    public var verification: BackupVerification
    /// What it is kept for.
    public var kind: CheckpointName.Kind
    /// Optimiser steps done, where the name tells.
    public var step: Int?
    /// When the source changed it last, by the source's clock, in nanoseconds since 1970.
    public var modifiedNanoseconds: Int64?
    /// Why, in words.
    public var message: String?

    /// Whether it is a backup that can be restored.
    public var isVerified: Bool { verification.isVerified }

    /// The same file after something else happened to it.
    func becoming(_ action: Action, at time: Double, message: String? = nil) -> ManifestEntry {
        var entry = self
        entry.action = action
        entry.time = time
        entry.message = message
        return entry
    }
}

/// One line of a manifest.
enum ManifestLine: Sendable, Equatable {
    case file(ManifestEntry)
    /// A pass over the source ended; what lets the schedule survive a restart.
    case pass(time: Double, succeeded: Bool, message: String?)
}
