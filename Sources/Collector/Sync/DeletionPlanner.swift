import Files

/// Decides what the destination has and the sources do not, and what of it may go.
struct DeletionPlanner: Sendable {
    let options: SyncOptions
    let situation: SyncSituation

    /// Adds deletions, contents before their folders, in rsync's order: the last name first.
    func add(to plan: inout SyncPlan) {
        let present = Set(situation.entries.compactMap(\.path))
        var folders = Set(situation.entries.filter(\.isFolder).compactMap(\.path))
        let hasTop = situation.entries.contains { $0.path == nil }
        let cleared = Set(plan.clearings.map(\.path))
        var candidates: [SyncPlan.Deletion] = []
        /// Folders that must stay because something in them does.
        var kept: Set<RelativePath> = []
        for (path, status) in situation.destination.sorted(by: { $0.key < $1.key }) {
            let isBelow = path.parent.map { folders.contains($0) } ?? hasTop
            guard isBelow, !present.contains(path), !cleared.contains(path) else { continue }
            let isFolder = status.kind == .directory
            if let reason = protection(of: path, isFolder: isFolder) {
                if !reason.isEmpty { plan.notices.append("\(path): kept: \(reason)") }
                var parent = path.parent
                while let folder = parent, kept.insert(folder).inserted { parent = folder.parent }
                continue
            }
            candidates.append(SyncPlan.Deletion(path: path, isFolder: isFolder))
            if isFolder { folders.insert(path) }
        }
        plan.deletions = candidates.reversed().filter { !($0.isFolder && kept.contains($0.path)) }
    }

    /// Why a name stays; empty where that needs no words, nil where it may go.
    private func protection(of path: RelativePath, isFolder: Bool) -> String? {
        if options.rules.excludes(path, isFolder: isFolder) { return "" }
        if OwnNames.contain(path, partialFolder: options.partialFolder) { return "" }
        if let backup = options.backupFolder, path == backup || backup.string.hasPrefix(path.string + "/") {
            return ""
        }
        if !isFolder, OwnNames.isLog(path) { return "logs are never removed" }
        return nil
    }
}
