/// A recording that was usable when its corpus was read, and could not be loaded later.
struct UnreadRecording: Sendable, Equatable {
    /// The sound file: what tells one from another, as two corpora may use the same ids.
    let path: String
    /// Why it is left out.
    let reason: SkipReason
    /// Where it is, and what is wrong with it.
    let example: String
}

/// How much of a corpus may be unreadable before what is left no longer stands for it.
///
/// A few damaged files are passed over. More of them mean that a disk or a share is gone: an epoch of the rest would
/// count as one and teach less, and an evaluation of the rest would choose the best checkpoint by luck.
enum UnreadLimit {
    /// The largest part of the utterances that may be missing.
    static let percent = 10

    /// Whether too much is missing.
    ///
    /// - Parameters:
    ///   - unreadCount: how many utterances could not be loaded.
    ///   - count: how many there should be, those included.
    /// - Returns: true above ``percent``.
    static func isExceeded(_ unreadCount: Int, of count: Int) -> Bool { unreadCount * 100 > count * percent }

    /// Whether an epoch of what is left is not worth its name.
    ///
    /// One or two damaged files are no vanished disk, however small the corpus, unless nothing else was there.
    ///
    /// - Parameters:
    ///   - unreadCount: how many utterances of the epoch could not be loaded.
    ///   - count: how many it has, those included.
    /// - Returns: true above ``percent``, from the third one on.
    static func endsTraining(_ unreadCount: Int, of count: Int) -> Bool {
        isExceeded(unreadCount, of: count) && unreadCount >= min(3, count)
    }
}
