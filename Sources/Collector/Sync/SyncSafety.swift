import Files

/// Stops deletions that look like an accident.
enum SyncSafety {
    /// Looks at a plan before anything is done.
    ///
    /// - Parameters:
    ///   - plan: what is to be done.
    ///   - situation: what it follows from.
    ///   - tops: the folders that were asked for; nil among them is the top itself.
    /// - Throws: ``CollectorError/deletionStopped(_:)`` where a source is empty and what would be removed is not: a
    ///   disk that is not mounted, a host that was reset.
    static func check(
        _ plan: SyncPlan,
        situation: SyncSituation,
        tops: [RelativePath?]
    ) throws(CollectorError) {
        guard !plan.deletions.isEmpty else { return }
        for top in tops {
            let prefix = top.map { $0.string + "/" } ?? ""
            let isEmpty = !situation.entries.contains { entry in
                guard let path = entry.path, path != top else { return false }
                return path.string.hasPrefix(prefix)
            }
            let doomedCount = plan.deletions.count { $0.path.string.hasPrefix(prefix) }
            guard isEmpty, doomedCount > 0 else { continue }
            throw .deletionStopped(
                "\(top?.string ?? "the source"): it is empty, or the filters leave nothing of it, so --delete would remove all \(doomedCount) names of the "
                    + "destination; nothing was done; if that is meant, remove them by hand"
            )
        }
    }
}
