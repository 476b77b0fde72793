import Files

/// Everything that decides what happens next to one append file.
struct AppendSituation: Sendable, Hashable {
    /// What the journal says; nil for a file never seen.
    var entry: JournalEntry?
    /// What is at the destination, compared with what the journal says.
    var copy: CopyState
    /// What the source told last; nil where nothing is there.
    var remote: FileStatus?
    /// The source that is asked now.
    var source: String
    /// Whether the source's earlier bytes were not compared since this connection began.
    var isUnchecked: Bool
    /// Whether the source tells times finer than a second.
    var hasFineTimes: Bool
    /// What reading the end gave; nil before it was read.
    var tail: TailComparison?
}

/// What is at the destination.
enum CopyState: Sendable, Hashable {
    /// Exactly what the journal says, as long as this process alone writes there.
    case asRecorded
    /// Nothing.
    case missing
    /// A file of some length.
    case file(length: Int)
    /// A folder, link or device.
    case notAFile
}

/// What the last bytes before the end of the copy, and those behind it, are at both ends.
struct TailComparison: Sendable, Hashable {
    /// Whether the source ended before the last recorded byte.
    var sourceEndsEarly = false
    /// Whether the last recorded bytes are the same at both ends.
    var overlapIsEqual = true
    /// What the copy has behind the last recorded byte.
    var surplus = Surplus.none

    /// Bytes at the destination behind the last recorded one.
    enum Surplus: Sendable, Hashable {
        case none
        /// They are what the source has.
        case equal
        /// Some are not what the source has, or the source has no such bytes.
        case differs
    }
}

/// What happens next to one append file.
enum AppendAction: Sendable, Hashable {
    /// Nothing to do.
    case idle
    /// The source is gone; what was collected stays.
    case vanished
    /// Nothing is done with such a file.
    case refuse(String)
    /// End what a crash interrupted.
    case finishPending
    /// Begin an entry for a file that was never seen.
    case begin
    /// Record less than before: the copy has become shorter, or is gone.
    case shorten(to: Int)
    /// Read the last recorded bytes and those behind them.
    case readTail
    /// Compare earlier bytes, since the source may be another file; it is one for this reason if they differ.
    case verify(PrefixDepth, ifDifferent: GenerationReason)
    /// Write and record what came.
    case advance
    /// Save what the copy has behind the last recorded byte, and cut it off.
    case saveSurplus
    /// Keep the copy as an earlier generation and begin with an empty one.
    case beginGeneration(GenerationReason)
}

/// How much of what was collected is compared with the source.
enum PrefixDepth: Sendable, Hashable {
    /// The first and the last 4 KiB.
    case ends
    /// Both ends and some random blocks.
    case blocks
    /// All of it where both ends can hash, else both ends and some random blocks.
    case everything
}

extension AppendSituation {
    /// What happens next.
    ///
    /// A source counts as the same file as long as the bytes say so. Its inode number, its time, its length and the
    /// host it lies on only raise the question: numbers are given again at once on ext4, and stay the same
    /// when a file is truncated and grows past where it was.
    var action: AppendAction {
        if entry?.pending != nil { return .finishPending }
        if copy == .notAFile {
            return .refuse("something else than a file stands at the destination; move it away")
        }
        guard let remote else { return .vanished }
        guard remote.kind == .file else { return .refuse("it is no regular file") }
        guard let entry else { return .begin }
        if let length = copyLength, length < entry.synced { return .shorten(to: length) }
        if let tail { return Self.action(after: tail, synced: entry.synced) }
        if remote.size < entry.synced { return .beginGeneration(.truncated) }
        return question(entry, remote) ?? (needsTail(entry, remote) ? .readTail : .idle)
    }

    private var copyLength: Int? {
        switch copy {
        case .asRecorded, .notAFile: nil
        case .missing: 0
        case .file(let length): length
        }
    }

    private static func action(after tail: TailComparison, synced: Int) -> AppendAction {
        if tail.sourceEndsEarly { return .beginGeneration(.truncated) }
        if !tail.overlapIsEqual { return .beginGeneration(.rewritten) }
        guard tail.surplus == .differs else { return .advance }
        // Without a recorded byte before it, the surplus is the whole file.
        return synced == 0 ? .beginGeneration(.rewritten) : .saveSurplus
    }

    /// Whether the earlier bytes must be compared before anything is added.
    private func question(_ entry: JournalEntry, _ remote: FileStatus) -> AppendAction? {
        guard entry.synced > 0 else { return nil }
        if entry.source != source { return .verify(.everything, ifDifferent: .relocated) }
        if let former = entry.inode, let inode = remote.inode, former != inode {
            return .verify(.everything, ifDifferent: .replaced)
        }
        if isUnchecked, !(hasFineTimes && entry.matches(remote)) {
            return .verify(.everything, ifDifferent: .rewritten)
        }
        if remote.size == entry.synced, remote.modifiedNanoseconds != entry.modifiedNanoseconds {
            return .verify(.ends, ifDifferent: .rewritten)
        }
        return nil
    }

    private func needsTail(_ entry: JournalEntry, _ remote: FileStatus) -> Bool {
        if let length = copyLength, length > entry.synced { return true }
        // An empty source still gets an empty copy.
        return remote.size > entry.synced || (copy == .missing && entry.synced == 0)
    }
}
