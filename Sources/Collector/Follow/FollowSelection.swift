import Files

/// Which files of a source are followed, and how.
struct FollowSelection: Sendable {
    let includesCheckpoints: Bool
    let includesOtherFiles: Bool
    let selects: @Sendable (RelativePath) -> Bool

    /// Folders of the collector's own, wherever they lie.
    private static let ownFolders: Set<Substring> = [
        Substring(JournalFile.folderName), Substring(WholeFileOptions.defaultPartialFolder),
    ]
    private static let checkpointEndings = [".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".gguf", ".onnx"]

    /// How a file is carried; nil where it is not.
    func fileClass(of path: RelativePath, target: RelativePath) -> FileClass? {
        guard isAllowed(target), selects(path) else { return nil }
        let name = path.lastComponent
        let folders = path.components.dropLast()
        if FileClass(of: path) == .append { return .append }
        // A rotated log is drained into the generation it belongs to.
        if Self.isRotatedLog(name) { return nil }
        if name == "run.json" || folders.contains("media") { return .replace }
        if folders.contains("checkpoints") || Self.checkpointEndings.contains(where: { name.hasSuffix($0) }) {
            return includesCheckpoints ? .replace : nil
        }
        return includesOtherFiles ? .replace : nil
    }

    /// Nothing from a source may stand where the collector keeps what is its own.
    private func isAllowed(_ target: RelativePath) -> Bool {
        let components = target.components
        return !components.contains { Self.ownFolders.contains($0) }
            && components.first != StatusBoard.folderName[...]
            && !GenerationName.isGeneration(target)
    }

    /// `metrics.jsonl.1`, `train.log-20251211`.
    private static func isRotatedLog(_ name: Substring) -> Bool {
        for ending in [".jsonl", ".ndjson", ".log"] {
            guard let range = name.firstRange(of: ending + ".") ?? name.firstRange(of: ending + "-") else {
                continue
            }
            let rest = name[range.upperBound...].utf8
            if !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        }
        return false
    }
}
