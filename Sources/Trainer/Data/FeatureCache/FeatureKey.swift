import Files

/// What kept features depend on: anything else that changes makes others of them.
struct FeatureKey: Sendable, Hashable {
    /// All of it, one a line.
    let text: String

    /// The key of an utterance; nil where its recording is not there.
    ///
    /// - Parameters:
    ///   - model: the fingerprint of the front end.
    ///   - utterance: its name and its recording, whose size and time of change count.
    ///   - speedPercent: how fast it is played.
    init?(model: String, _ utterance: Utterance, speedPercent: Int) {
        guard let file = FileIdentity.find(utterance.audioPath), file.kind == .file else { return nil }
        text = "\(model)\n\(utterance.id)\n\(file.size)\n\(file.modifiedNanoseconds)\n\(speedPercent)"
    }

    /// Where the features lie below the cache's folder: `3f/3fa9….safetensors`.
    var path: (folder: String, name: String) {
        let hex = ContentHash(Array(text.utf8)).hex
        return (String(hex.prefix(2)), "\(hex).safetensors")
    }
}
