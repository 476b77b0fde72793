extension TrainingState {
    /// What the plans of batches follow from: `4f2e… 16 320.0 42 20.0`.
    ///
    /// That is the corpus, how many utterances and seconds a batch has at most, the seed, and how long utterances may get
    /// where their speed is changed; `-` where it is not.
    ///
    /// - Parameters:
    ///   - corpus: what is learnt from.
    ///   - configuration: of the stage.
    /// - Returns: words with blanks between them.
    static func batches(of corpus: Corpus, _ configuration: TrainingConfiguration) -> String {
        let limits = BatchLimits(configuration)
        return "\(corpus.fingerprint) \(limits.maximumCount) \(limits.maximumSeconds) "
            + chance(configuration)
    }

    /// Adds seed and speed to what a version of voxsite wrote that left them out.
    ///
    /// - Parameter configuration: the one that the checkpoint was written with.
    mutating func completeBatches(from configuration: TrainingConfiguration) {
        guard let old = batches, old.split(separator: " ").count == 3 else { return }
        batches = "\(old) \(Self.chance(configuration))"
    }

    /// Takes the batches that are planned now; where they are others, the n-th of them is another one too, and the epoch
    /// begins anew.
    ///
    /// - Parameter planned: what they follow from.
    /// - Returns: whether the epoch at hand begins anew.
    mutating func setBatches(_ planned: String) -> Bool {
        defer { batches = planned }
        guard let old = batches, old != planned, batch > 0 else { return false }
        batch = 0
        epochSums = LossSums()
        return true
    }

    private static func chance(_ configuration: TrainingConfiguration) -> String {
        let data = configuration.data
        return "\(configuration.training.seed) \(data.perturbsSpeed ? "\(data.maximumSeconds)" : "-")"
    }
}
