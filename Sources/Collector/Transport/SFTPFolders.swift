import Files
import Synchronization

/// What is known of the folders of an SFTP server: which of their entries are files, folders and links.
///
/// SFTP version 3 has no way to open a file without following a link, and libcurl none to ask for the link
/// itself; only listings show them. A listing stays true as long as the folder's own time, which can be had in
/// one round trip, stays the same. That time counts whole seconds, so a listing made in the second of the last
/// change could miss another change in it: such a listing is made once more before it is trusted.
///
/// Between the look at a folder and the opening of a file in it a link may still be put there. A hostile server
/// could serve any bytes under any name anyhow; what this keeps out is other users of an honest one.
final class SFTPFolders: Sendable {
    /// How old a look at a folder may be when a file in it is read: a poll looks first and reads then.
    static let trustedForReads = Duration.seconds(10)

    private struct Folder {
        var entries: [String: FileStatus]
        var modifiedSeconds: Int?
        /// When that time was first seen.
        var firstSeen: ContinuousClock.Instant
        /// Whether the listing is younger than the second of the last change.
        var isSettled: Bool
        /// When it was last seen to be true.
        var confirmed: ContinuousClock.Instant
    }

    private struct State {
        var folders: [RelativePath?: Folder] = [:]
        var count = 0
        /// What files were when they were looked at themselves.
        var looks: [RelativePath: FileStatus] = [:]
    }

    private let state = Mutex(State())
    /// How many entries are remembered at most, about 200 bytes each.
    private let limit: Int

    init(limit: Int = 200_000) { self.limit = limit }

    /// What a regular file was when it was looked at last; nil where that is not known.
    func look(at path: RelativePath) -> FileStatus? { state.withLock { $0.looks[path] } }

    /// Remembers what a regular file is.
    func note(_ status: FileStatus, of path: RelativePath) {
        state.withLock { state in
            if state.looks.count >= limit { state.looks = [:] }
            state.looks[path] = status
        }
    }

    /// The entries of a folder, if they were seen to be true at `instant` or later.
    func entries(
        of folder: RelativePath?,
        notOlderThan instant: ContinuousClock.Instant
    ) -> [String: FileStatus]? {
        state.withLock { state in
            guard let known = state.folders[folder], known.confirmed >= instant else { return nil }
            return known.entries
        }
    }

    /// The entries of a folder, if its time shows that they are still true.
    func confirm(
        _ folder: RelativePath?,
        modifiedSeconds: Int,
        at instant: ContinuousClock.Instant
    ) -> [String: FileStatus]? {
        state.withLock { state in
            guard let known = state.folders[folder], known.isSettled, known.modifiedSeconds == modifiedSeconds
            else { return nil }
            state.folders[folder]?.confirmed = instant
            return known.entries
        }
    }

    /// Remembers a listing that was made without a look at the folder's time.
    ///
    /// - Parameters:
    ///   - entries: by name.
    ///   - folder: below the root.
    ///   - instant: when it was listed.
    func note(_ entries: [String: FileStatus], of folder: RelativePath?, at instant: ContinuousClock.Instant)
    {
        let old = state.withLock { $0.folders[folder] }
        store(entries, of: folder, modifiedSeconds: nil, at: instant)
        guard let old, old.entries.mapValues(\.kind) == entries.mapValues(\.kind) else { return }
        // Nothing has come, gone or changed its kind: what is known of the time stays true.
        state.withLock { state in
            state.folders[folder]?.modifiedSeconds = old.modifiedSeconds
            state.folders[folder]?.firstSeen = old.firstSeen
            state.folders[folder]?.isSettled = old.isSettled
        }
    }

    /// Remembers a listing.
    ///
    /// - Parameters:
    ///   - entries: by name.
    ///   - folder: below the root.
    ///   - modifiedSeconds: the folder's time, seen before it was listed.
    ///   - instant: when that was.
    func store(
        _ entries: [String: FileStatus],
        of folder: RelativePath?,
        modifiedSeconds: Int?,
        at instant: ContinuousClock.Instant
    ) {
        state.withLock { state in
            let old = state.folders.removeValue(forKey: folder)
            state.count -= old?.entries.count ?? 0
            if state.count + entries.count > limit { state = State() }
            guard entries.count <= limit else { return }
            let isSameTime = modifiedSeconds != nil && old?.modifiedSeconds == modifiedSeconds
            let firstSeen = isSameTime ? old?.firstSeen ?? instant : instant
            state.folders[folder] = Folder(
                entries: entries,
                modifiedSeconds: modifiedSeconds,
                firstSeen: firstSeen,
                isSettled: modifiedSeconds != nil && firstSeen.duration(to: instant) >= .seconds(2),
                confirmed: instant
            )
            state.count += entries.count
        }
    }
}
