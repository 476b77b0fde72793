import Files
import Synchronization

/// Sees to it that two hosts never write to the same collected file.
///
/// A run may move from one host to another; as long as both have it, the first one keeps it.
final class TargetOwners: Sendable {
    private struct State {
        var owners: [RelativePath: String] = [:]
        /// Sources that have told once what they have.
        var listed: Set<String> = []
    }

    private let sources: Set<String>
    private let state = Mutex(State())

    /// - Parameter sources: every source of this destination.
    init(sources: [String]) { self.sources = Set(sources) }

    /// Claims a file for a source.
    ///
    /// - Parameters:
    ///   - target: the collected file.
    ///   - source: who wants it.
    ///   - former: where it came from so far; nil for a new file.
    /// - Returns: who has it.
    func claim(_ target: RelativePath, by source: String, former: String?) -> String {
        state.withLock { state in
            if let owner = state.owners[target] { return owner }
            if let former, former != source, sources.contains(former), !state.listed.contains(former) {
                return former
            }
            state.owners[target] = source
            return source
        }
    }

    /// Gives up a file that its source no longer has.
    func release(_ target: RelativePath, by source: String) {
        state.withLock { state in
            if state.owners[target] == source { state.owners[target] = nil }
        }
    }

    /// Notes that a source has told what it has.
    func noteListing(of source: String) { state.withLock { _ = $0.listed.insert(source) } }
}
