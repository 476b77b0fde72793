import Files

/// What has to be done again after files changed: the smallest set that is surely enough.
struct ChangeSet: Sendable, Equatable {
    /// Names directly below the folder of runs in which something changed.
    var entries: Set<String> = []
    /// Those of them in which a clip or picture changed: their pages are drawn again though their log says
    /// nothing new.
    var mediaEntries: Set<String> = []
    /// The set of runs may have changed.
    var needsDiscovery = false
    /// A template changed: every page is drawn again.
    var templates = false
    /// A file of `public/` changed.
    var assets = false

    static let everything = ChangeSet(entries: [], needsDiscovery: true, templates: true, assets: true)

    var isEmpty: Bool { entries.isEmpty && !needsDiscovery && !templates && !assets }

    mutating func formUnion(_ other: ChangeSet) {
        entries.formUnion(other.entries)
        mediaEntries.formUnion(other.mediaEntries)
        needsDiscovery = needsDiscovery || other.needsDiscovery
        templates = templates || other.templates
        assets = assets || other.assets
    }

    /// Which folder a watched path belongs to.
    enum Root: Sendable, Equatable { case runs, templates, assets }

    /// - Parameters:
    ///   - changes: From a watcher over `roots`, in that order.
    ///   - roots: What each of the watched folders holds.
    init(_ changes: FileWatcher.Changes, roots: [Root]) {
        for (index, root) in roots.enumerated() {
            let paths = changes.paths(of: index)
            guard !paths.isEmpty else { continue }
            switch root {
            case .runs:
                for path in paths {
                    // A new or removed file can be a run, or turn a folder into one.
                    guard let entry = path.components.first.map(String.init) else { continue }
                    // Hidden names are no runs; the collector's journal is written with every line it brings.
                    if entry.hasPrefix(".") { continue }
                    entries.insert(entry)
                    if MediaName.isMedia(path) { mediaEntries.insert(entry) }
                }
            case .templates: templates = true
            case .assets: assets = true
            }
        }
        if changes.needsRescan { formUnion(.everything) }
    }

    init(entries: Set<String>, needsDiscovery: Bool, templates: Bool, assets: Bool) {
        self.entries = entries
        self.needsDiscovery = needsDiscovery
        self.templates = templates
        self.assets = assets
    }
}
