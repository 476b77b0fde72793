import Files

extension BackupStore {
    /// Lets every alias lead to the newest verified contents of its kind, and to nothing else.
    func refreshAliases() throws {
        let wanted = manifest.aliases
        for alias in manifest.everyAlias.sorted() {
            if let entry = wanted[alias] {
                try point(alias, to: entry)
            } else {
                try retire(alias)
            }
        }
    }

    /// Moves an alias on in one step: whoever opens it gets the old contents or the new.
    private func point(_ alias: RelativePath, to entry: ManifestEntry) throws {
        guard let contents = folder.file(entry.name) else { return }
        if let present = folder.file(alias) {
            if present.inode == contents.inode, present.device == contents.device { return }
            let isSame =
                present.size == contents.size && present.modifiedNanoseconds == contents.modifiedNanoseconds
            if hasNoLinks, isSame { return }
        }
        let temporary = folder.temporaryPath(beside: alias)
        if !(try folder.link(entry.name, toNew: temporary)) { hasNoLinks = true }
        try atStep(.aliasLinked)
        try folder.replace(alias, with: temporary)
        try atStep(.aliasPlaced)
    }

    /// Takes an alias away that has nothing verified to lead to; never the last name of any contents.
    private func retire(_ alias: RelativePath) throws {
        guard folder.file(alias) != nil else { return }
        if folder.linkCount(alias) > 1 {
            try folder.remove(alias)
        } else {
            try folder.move(alias, toNew: quarantinePath(alias, sha256: folder.sha256(alias)))
        }
    }
}
